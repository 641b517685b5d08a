import type { Outcome } from './bench.ts'
import type { Goal, Row } from './scenario.ts'
import { SYSTEM_NAMES, SYSTEMS, type SystemName } from './systems.ts'

const NOT_ABOVE = 1.05

/** The valid figures of one row, by system, one for each round. */
export type RowFigures = Map<SystemName, number[]>

export function figuresOf({ rounds }: Outcome, { key }: Row): RowFigures {
  const figures: RowFigures = new Map()
  for (const { system, measurement } of rounds) {
    const figure = measurement.figures[key]
    if (figure === undefined || measurement.faults.length > 0) continue
    figures.set(system, [...(figures.get(system) ?? []), figure])
  }
  return figures
}

export function median(values: readonly number[] | undefined): number | undefined {
  if (!values || values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

export interface Judgement {
  /** What was reached, of what had to be. */
  text: string
  isReached: boolean | undefined
}

export function judge(goal: Goal, { better, digits, unit }: Row, figures: RowFigures): Judgement {
  const own = median(figures.get('confab'))
  if (goal.kind === 'at most') {
    const wanted = `at most ${goal.value} ${unit}`.trim()
    return { text: wanted, isReached: own === undefined ? undefined : Number(own.toFixed(digits)) <= goal.value }
  }
  const peer = median(figures.get(goal.than))
  const { title } = SYSTEMS[goal.than]
  const ratio = own === undefined || peer === undefined ? undefined : better === 'less' ? peer / own : own / peer
  const shown = ratio === undefined ? 'no figure' : `${ratio.toFixed(2)} ×`
  if (goal.kind === 'not above') {
    return {
      text: `${shown} ${title} (not above)`,
      isReached: ratio === undefined ? undefined : ratio >= 1 / NOT_ABOVE,
    }
  }
  return {
    text: `${shown} ${title} (${goal.factor} ×)`,
    isReached: ratio === undefined ? undefined : ratio >= goal.factor,
  }
}

const MARKS = new Map([
  [true, 'yes'],
  [false, '**no**'],
  [undefined, 'not told'],
])

/** The table over all scenarios. */
export function summaryTable(outcomes: Outcome[]): string {
  const systems = SYSTEM_NAMES.filter((system) => outcomes.some(({ scenario }) => scenario.systems.includes(system)))
  const titles = systems.map((system) => SYSTEMS[system].title)
  const lines = [
    ['scenario', ...titles, 'how many times better (goal)', 'reached'],
    Array.from({ length: titles.length + 3 }, (_, column) => (column > 0 && column <= titles.length ? '--:' : '---')),
  ]
  for (const outcome of outcomes) {
    for (const row of outcome.scenario.rows) {
      const figures = figuresOf(outcome, row)
      const judgements = row.goals.map((goal) => judge(goal, row, figures))
      lines.push([
        `${outcome.scenario.title}: ${row.title}`,
        ...systems.map((system) => shownFigure(figures, row, system, outcome)),
        judgements.map(({ text }) => text).join('<br>'),
        judgements.map(({ isReached }) => MARKS.get(isReached)).join('<br>'),
      ])
    }
  }
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function shownFigure(figures: RowFigures, row: Row, system: SystemName, { scenario, rounds }: Outcome): string {
  const value = median(figures.get(system))
  if (value === undefined) {
    const own = rounds.filter((round) => round.system === system)
    if (own.length === 0) return scenario.systems.includes(system) ? 'left out' : ''
    return own.every(({ measurement }) => measurement.faults.length > 0) ? 'void' : ''
  }
  return `${withThousands(value, row.digits)} ${row.unit}`.trim()
}

export const withThousands = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
