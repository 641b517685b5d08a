import { median, type RowFigures, withThousands } from './report.ts'
import type { Row } from './scenario.ts'
import { SYSTEM_NAMES, SYSTEMS, type SystemName } from './systems.ts'

const WIDTH = 760
const LEFT = 170
const RIGHT = 110
const BAR = 18
const STEP = 24
const HEAD = 34
const COLORS: Record<SystemName, string> = {
  confab: '#2f6fdb',
  tuned: '#d9822b',
  kysely: '#e0b04c',
  stock: '#9a6fb0',
  floor: '#8b949e',
}

interface Bar {
  system: SystemName
  middle: number
  least: number
  most: number
}

/** One block of bars for each row, each on a scale of its own: the median, with a line from the least to the greatest round. */
export function barChart(title: string, rows: { row: Row; figures: RowFigures }[]): string {
  const blocks = rows.map(({ row, figures }) => ({ row, bars: barsOf(figures) }))
  const parts: string[] = []
  let y = 40
  for (const { row, bars } of blocks) {
    parts.push(
      text(16, y + 16, `${row.title} (${row.unit}, ${row.better === 'less' ? 'less' : 'more'} is better)`, 'bold'),
    )
    y += HEAD
    const most = Math.max(...bars.map((bar) => bar.most))
    for (const bar of bars) {
      parts.push(barOf(bar, row, y, (WIDTH - LEFT - RIGHT) / most))
      y += STEP
    }
    y += 14
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${WIDTH}" height="${y}" rx="8" fill="#ffffff"/>`,
    `<g font-family="system-ui, sans-serif" font-size="13" fill="#24292f">`,
    text(16, 26, title, 'bold', 15),
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

const barsOf = (figures: RowFigures): Bar[] =>
  SYSTEM_NAMES.flatMap((system) => {
    const values = figures.get(system)
    const middle = median(values)
    if (!values || middle === undefined) return []
    return [{ system, middle, least: Math.min(...values), most: Math.max(...values) }]
  })

function barOf({ system, middle, least, most }: Bar, { digits }: Row, y: number, scale: number): string {
  const center = y + BAR / 2
  const at = (value: number) => (LEFT + value * scale).toFixed(1)
  return [
    text(16, center + 4, SYSTEMS[system].title.replaceAll('`', '')),
    `<rect x="${LEFT}" y="${y}" width="${(middle * scale).toFixed(1)}" height="${BAR}" rx="2" fill="${COLORS[system]}"/>`,
    `<path d="M${at(least)} ${center}H${at(most)}" stroke="#24292f" stroke-width="1.5"/>`,
    text(Number(at(most)) + 8, center + 4, withThousands(middle, digits)),
  ].join('\n')
}

const text = (x: number, y: number, content: string, weight = 'normal', size = 13): string =>
  `<text x="${x}" y="${y}" font-weight="${weight}" font-size="${size}">${escaped(content)}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
