import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Bench, type Outcome } from './harness/bench.ts'
import { openBenchPostgres } from './harness/bench-postgres.ts'
import { readEnvironment } from './harness/environment.ts'
import { summaryTable } from './harness/report.ts'
import { writeQuickResults, writeResults } from './harness/results-file.ts'
import { busyInbox } from './scenarios/busy-inbox.ts'
import { durable } from './scenarios/durable.ts'
import { fanOut } from './scenarios/fan-out.ts'
import { history } from './scenarios/history.ts'
import { latency } from './scenarios/latency.ts'
import { memory } from './scenarios/memory.ts'
import { reconnect } from './scenarios/reconnect.ts'
import { stalled } from './scenarios/stalled.ts'
import { stalledInbox } from './scenarios/stalled-inbox.ts'

const SCENARIOS = [fanOut, durable, latency, memory, reconnect, history, busyInbox, stalled, stalledInbox]

const USAGE = `Measures Confab against its peers, on the same Postgres (embedded, or DATABASE_URL), and writes bench/results.md.

  npm run bench                      everything, five rounds: about half an hour
  npm run bench -- --quick           one short round of everything, within 90 seconds; writes bench/results-quick.md
  npm run bench -- --only fan-out    one scenario (several: repeat it): ${SCENARIOS.map(({ name }) => name).join(', ')}
  npm run bench -- --rounds 9
  npm run bench -- --only fan-out --profile <dir>
                                     leaves CPU profiles of the servers there, for profile-top.ts, and writes no results
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    profile: { type: 'string' },
  },
})
const { quick: isQuick, only } = values
const chosen = only.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => only.includes(name))
const rounds = Number(values.rounds ?? (isQuick ? 1 : 5))

async function main(): Promise<void> {
  await using postgres = await openBenchPostgres()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void postgres[Symbol.asyncDispose]().then(() => process.exit(1)))
  }
  if (values.profile !== undefined) await mkdir(values.profile, { recursive: true })
  const environment = readEnvironment(postgres)
  const bench = new Bench({ isQuick, rounds, profileDir: values.profile }, postgres)
  bench.say(`${environment.machine}. ${environment.versions}. ${environment.postgres}.`)
  const outcomes: Outcome[] = []
  for (const scenario of chosen) outcomes.push(await bench.run(scenario))
  bench.say(`\n${summaryTable(outcomes)}`)
  for (const text of outcomes.flatMap(({ voids }) => voids)) bench.say(`void: ${text}`)
  if (values.profile !== undefined) return
  if (isQuick) await writeQuickResults(outcomes, environment)
  else await writeResults(SCENARIOS, outcomes, environment)
}

if (values.help || chosen.length === 0 || !(rounds >= 1)) process.stdout.write(USAGE)
else await main()
