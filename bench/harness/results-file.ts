import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { barChart } from './bar-chart.ts'
import { DISTURBANCE_CORES, disturbanceOf, type Outcome, type Round } from './bench.ts'
import type { Environment } from './environment.ts'
import { figuresOf, median, summaryTable, withThousands } from './report.ts'
import type { Scenario } from './scenario.ts'
import { SYSTEMS } from './systems.ts'

const BENCH = join(import.meta.dirname, '..')
const RAW_FILE = join(BENCH, 'results.json')

/** Each scenario's latest run, as it was measured. */
type Raw = Record<string, { environment: Environment; rounds: Round[]; voids: string[]; notes: string[] }>

/** Keeps what was measured, and writes the results of all scenarios that ever were: bench/results.md, results.json and plots. */
export async function writeResults(
  scenarios: Scenario[],
  measured: Outcome[],
  environment: Environment,
): Promise<void> {
  const raw: Raw = existsSync(RAW_FILE) ? JSON.parse(await readFile(RAW_FILE, 'utf8')) : {}
  for (const { scenario, rounds, voids, notes } of measured) raw[scenario.name] = { environment, rounds, voids, notes }
  const outcomes = scenarios.flatMap((scenario): Outcome[] => {
    const stored = raw[scenario.name]
    return stored ? [{ scenario, rounds: stored.rounds, voids: stored.voids, notes: stored.notes }] : []
  })
  await writeFile(RAW_FILE, `${JSON.stringify(raw, null, 2)}\n`)
  await mkdir(join(BENCH, 'plots'), { recursive: true })
  for (const outcome of outcomes) {
    if (isPlotted(outcome)) await writeFile(join(BENCH, plotOf(outcome)), chartOf(outcome))
  }
  await writeFile(join(BENCH, 'results.md'), resultsText(outcomes, environment, raw))
  await format()
}

/** A quick run, which says little: beside the results, not in their place. */
export async function writeQuickResults(outcomes: Outcome[], environment: Environment): Promise<void> {
  await writeFile(join(BENCH, 'results-quick.md'), resultsText(outcomes, environment, {}))
  await format()
}

/** As the repository's own check wants its files; where the formatter is missing, they stay as they are. */
async function format(): Promise<void> {
  const biome = join(BENCH, '../node_modules/.bin/biome')
  await promisify(execFile)(biome, ['format', '--write', BENCH], { cwd: join(BENCH, '..') }).catch(() => undefined)
}

const plotOf = ({ scenario }: Outcome): string => `plots/${scenario.name}.svg`
const isPlotted = ({ scenario }: Outcome): boolean => scenario.systems.length > 1

const chartOf = (outcome: Outcome): string =>
  barChart(
    outcome.scenario.title,
    outcome.scenario.rows.map((row) => ({ row, figures: figuresOf(outcome, row) })),
  )

const HOW = `Every system runs in a process of its own, on the same Postgres and a database of its own, made anew for each round. Rounds go
over all systems, in another random order each time, so that the noise of a shared machine meets all alike; the figures are medians.
A generator in another process plays all clients, on raw sockets, in each system's own protocol, written by hand. It knows every
message again and checks at the end that every member got every message once and in the same order as everybody else. A run is void
if it did not, if a send was refused, or if the generator used more than 80 % of its core. A run beside which other processes used
more than 0.3 cores of the machine is repeated, at most twice, and the least disturbed one counts. CPU is user and system time of the process
by the kernel's own account. Subscription ids are spread from 1 to 500. Confab runs without rate limits, else as \`npm start\` runs it.`

function resultsText(outcomes: Outcome[], environment: Environment, raw: Raw): string {
  const { date, machine, versions, postgres } = environment
  return [
    '# Results of the benchmark',
    '`npm run bench` measures and writes this; `npm run bench -- --only <scenario>` measures one scenario anew.',
    `${date}. ${machine}, everything on one machine. ${versions}. ${postgres}.`,
    summaryTable(outcomes),
    '## How',
    HOW,
    ...outcomes.map((outcome) => sectionOf(outcome, raw[outcome.scenario.name]?.environment.date)),
    '',
  ].join('\n\n')
}

function sectionOf(outcome: Outcome, date: string | undefined): string {
  const { scenario, voids, notes, rounds } = outcome
  return [
    `## ${scenario.title}`,
    scenario.about,
    ...(isPlotted(outcome) && date ? [`![${scenario.title}](${plotOf(outcome)})`] : []),
    spreadTable(outcome),
    ...(date ? [`Measured on ${date} with \`--only ${scenario.name}\` or as a part of the whole.`] : []),
    ...foreignLoad(rounds),
    ...listOf('', notes),
    ...listOf('Of the last round:', lastNotes(outcome)),
    ...listOf('Void:', voids),
  ].join('\n\n')
}

/** Least, median and greatest of the rounds that count. */
function spreadTable(outcome: Outcome): string {
  const { systems, rows } = outcome.scenario
  const lines = [
    ['', ...systems.map((system) => SYSTEMS[system].title)],
    ['---', ...systems.map(() => '--:')],
  ]
  for (const row of rows) {
    const figures = figuresOf(outcome, row)
    const title = row.unit ? `${row.title}, ${row.unit}` : row.title
    lines.push([title, ...systems.map((system) => spreadOf(figures.get(system), row.digits))])
  }
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function spreadOf(values: number[] | undefined, digits: number): string {
  if (!values) return ''
  const shown = (value: number) => withThousands(value, digits)
  const middle = shown(median(values) ?? 0)
  if (values.length === 1) return middle
  return `${shown(Math.min(...values))} … **${middle}** … ${shown(Math.max(...values))} (${values.length})`
}

function foreignLoad(rounds: Round[]): string[] {
  const measured = rounds.filter(({ measurement }) => measurement.usages.length > 0)
  const cores = measured.map(({ measurement }) => disturbanceOf(measurement))
  const middle = median(cores)
  if (middle === undefined) return []
  const disturbed = cores.filter((each) => each > DISTURBANCE_CORES).length
  return [
    `Beside the ${cores.length} runs that count, others used ${middle.toFixed(2)} cores of the machine (median); beside ` +
      `${disturbed} of them more than ${DISTURBANCE_CORES}, after all tries.`,
  ]
}

function lastNotes({ scenario, rounds }: Outcome): string[] {
  return scenario.systems.flatMap((system) => {
    const last = rounds.findLast((round) => round.system === system)
    return (last?.measurement.notes ?? []).map((note) => `${SYSTEMS[system].title}: ${note}`)
  })
}

const listOf = (title: string, items: string[]): string[] =>
  items.length === 0 ? [] : [[...(title ? [title, ''] : []), ...items.map((item) => `- ${item}`)].join('\n')]
