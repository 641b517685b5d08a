import { parseArgs } from 'node:util'
import { Dice } from './dice.ts'
import { FAULT_KINDS } from './fault-kinds.ts'
import { runRound } from './fault-round.ts'
import { type FaultWorld, startFaultWorld, whyNot } from './fault-world.ts'
import { MUTATIONS } from './mutation.ts'
import { Tally } from './tally.ts'

const USAGE = `Breaks what a running server relies on while people talk, and checks that every promise holds.

  npm run torture                                        two minutes, every kind of fault
  npm run torture -- --minutes 30 --seed 7               longer; the same seed throws the same dice
  npm run torture -- --faults kill-postgres --seed 7     one kind, or several at once, separated by commas
  npm run torture -- --seconds 20                        how long one round lasts; unless told, so that each kind has its turn
  npm run torture -- --without-redis                     one process
  npm run torture -- --mutate gap-filling                without something that the server relies on: this must fail
  npm run torture -- --mutate all                        each of these by turns; fails where one of them is not noticed

Faults: ${Object.keys(FAULT_KINDS).join(', ')}
Mutations: ${Object.keys(MUTATIONS).join(', ')}

Needs redis-server (but for --without-redis). It starts a Postgres, a Redis and servers of its own and touches no others.
`

const say = (text: string) => void process.stdout.write(`${text}\n`)

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}`)
  process.exit(1)
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) fail(`Unable to run; --${name} must be a number above 0`)
  return value
}

interface Torture {
  seed: number
  minutes: number
  seconds: number
  /** Empty for all of them by turns. */
  faults: string[]
  withRedis: boolean
}

const LONGEST_ROUND = 30
const MUTATED_ROUND = 8
/** Of a run: what it takes until a round has settled. */
const SETTLING = 0.3

/** So long that each kind has its turn, and not longer than it takes to see everything. */
const secondsOf = (minutes: number, mutate: string | undefined): number =>
  mutate === undefined
    ? Math.min(LONGEST_ROUND, Math.ceil(((1 - SETTLING) * minutes * 60) / Object.keys(FAULT_KINDS).length))
    : MUTATED_ROUND

/** Which faults each round has: every kind by itself, then two or three at once, for as long as it goes on. */
function* roundsOf({ seed, faults }: Torture, kinds: string[]): Generator<string[]> {
  const dice = new Dice(seed)
  while (faults.length > 0) yield faults
  for (const kind of kinds) yield [kind]
  while (true) {
    const several = new Set(Array.from({ length: 3 }, () => dice.oneOf(kinds) ?? ''))
    yield [...several]
  }
}

function possibleKinds(world: FaultWorld): string[] {
  return Object.entries(FAULT_KINDS).flatMap(([name, fault]) => {
    const reason = whyNot(fault, world)
    if (reason !== undefined) say(`${name} is left out: ${reason}`)
    return reason === undefined ? [name] : []
  })
}

const LAST_WORDS = 4_000
/** Room for the cluster, its WAL up to a checkpoint, and what a long run writes. */
const DISK_MIB = 1_024

/** A round that can't be carried through is a problem like others. */
const unfinished = (error: unknown) => ({
  problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  tally: new Tally(),
  settledMs: Infinity,
})

/** Resolves with the number of rounds in which something was not as promised. */
async function torture(options: Torture): Promise<number> {
  const { seed, minutes, seconds, withRedis } = options
  await using world = await startFaultWorld({ withRedis, diskMib: DISK_MIB })
  endWithSignals(world)
  const kinds = possibleKinds(world)
  const total = new Tally()
  const until = performance.now() + minutes * 60_000
  let round = 0
  let failed = 0
  const { child } = world.server
  for (const faults of roundsOf(options, kinds)) {
    if (performance.now() > until || child.exitCode !== null || child.signalCode !== null) break
    const roundSeed = seed + round++
    const name = `round ${round}, ${faults.join(' + ')}`
    const plan = { seed: roundSeed, seconds, faults }
    const { problems, tally, settledMs } = await runRound(world, plan).catch(unfinished)
    total.add(tally)
    const acknowledged = tally.counts.get('messages acknowledged')
    say(`${name}: ${acknowledged} messages acknowledged, settled in ${settledMs} ms, ${problems.length} problems`)
    if (problems.length === 0) continue
    failed++
    for (const problem of problems.slice(0, 20)) say(`  ${problem}`)
    const said = world.server.output().slice(-LAST_WORDS)
    if (said.includes('"level":50')) say(`  the server said:\n${said}`)
    const redis = withRedis ? '' : ' --without-redis'
    say(`  again: npm run torture -- --faults ${faults.join(',')} --seconds ${seconds} --seed ${roundSeed}${redis}`)
  }
  say(`\n${round} rounds, ${failed} with problems, seed ${seed}`)
  for (const line of total.lines()) say(`  ${line}`)
  return failed
}

/** Ctrl-C leaves nothing behind. */
function endWithSignals(world: FaultWorld): void {
  const end = async () => {
    await world[Symbol.asyncDispose]()
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end())
}

/** Rounds until the missing part is noticed. */
const MUTATED_ROUNDS = 6

/** Whether the harness notices that the server is without something. */
async function isNoticed(name: string, { seed, seconds }: Torture): Promise<boolean> {
  const { faults } = MUTATIONS[name] ?? fail(`Unable to run; there is no mutation "${name}"`)
  await using world = await startFaultWorld({ withRedis: true, mutation: name })
  endWithSignals(world)
  for (let round = 0; round < MUTATED_ROUNDS; round++) {
    const { problems } = await runRound(world, { seed: seed + round, seconds, faults, settleSeconds: 15 })
    if (problems.length === 0) continue
    say(`without ${name}: noticed in round ${round + 1} (${faults.join(' + ')}), ${problems.length} problems, such as`)
    for (const problem of problems.slice(0, 3)) say(`  ${problem}`)
    return true
  }
  say(`without ${name}: NOT noticed in ${MUTATED_ROUNDS} rounds of ${seconds} s`)
  return false
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
    faults: { type: 'string', default: '' },
    'without-redis': { type: 'boolean', default: false },
    mutate: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  say(USAGE)
  process.exit(0)
}
const { mutate } = values
const minutes = number('minutes', values.minutes)
const options: Torture = {
  seed: number('seed', values.seed),
  minutes,
  seconds: values.seconds === undefined ? secondsOf(minutes, mutate) : number('seconds', values.seconds),
  faults: values.faults.split(',').filter(Boolean),
  withRedis: !values['without-redis'],
}
const unknown = options.faults.filter((fault) => !FAULT_KINDS[fault])
if (unknown.length > 0) fail(`Unable to run; there is no fault "${unknown.join('", "')}"`)
say(`seed ${options.seed}`)
if (mutate === undefined) {
  process.exitCode = (await torture(options)) > 0 ? 1 : 0
} else if (mutate === 'all') {
  let missed = 0
  for (const name of Object.keys(MUTATIONS)) if (!(await isNoticed(name, options))) missed++
  process.exitCode = missed > 0 ? 1 : 0
} else {
  process.exitCode = (await isNoticed(mutate, options)) ? 1 : 0
}
