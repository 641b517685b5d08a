import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const TEXT_LENGTH = 100
const MISSED = 20
/** The shipped client comes back within this after a connection that the server asked to resume. */
const SPREAD_MS = 250
const PATIENCE_MS = 30_000
const ROOMS = 50

/** Everybody is dropped at once, messages go on, everybody comes back at once. */
export const reconnect: Scenario = {
  name: 'reconnect',
  title: 'Reconnect storm',
  about:
    '2,000 clients of 50 rooms (400 in the quick run) are dropped at once. While they are away each room gets 20 messages. Then ' +
    'all come back within 250 ms, authenticate, and go on from where they were: the time is from the first connect until the last ' +
    'client has everything, in order, nothing lost or doubled. Log reads are statements that look for changes after a position; ' +
    'Socket.IO, tuned, joins again and reads what was missed by the last id, one statement for each client.',
  systems: ['confab', 'tuned'],
  rows: [
    {
      key: 'ms',
      title: 'until all have caught up',
      unit: 'ms',
      digits: 0,
      better: 'less',
      goals: [{ kind: 'at most', value: 3_000 }],
    },
    {
      key: 'logReads',
      title: 'log reads, for 50 rooms',
      unit: '',
      digits: 0,
      better: 'less',
      goals: [{ kind: 'at most', value: ROOMS }],
    },
  ],
  measure: measureReconnect,
}

async function measureReconnect(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: ROOMS, members: bench.pick(40, 8) }
  const post = (from: number, perRoom: number) =>
    cell.server.call('post', { ...layout, messages: perRoom * ROOMS, from, textLength: TEXT_LENGTH })
  const readStatements = () => (cell.system === 'confab' ? cell.server.call('statements') : undefined)

  await cell.enter({ layout, subscription: 'room', keepsPlaces: true })
  await post(0, 1)
  const first = await cell.generator.call('check', { newest: 0, timeoutMs: PATIENCE_MS })
  await cell.generator.call('drop')
  await post(ROOMS, MISSED)
  await readStatements()
  const before = cell.usage()
  const back = await cell.generator.call('comeBack', {
    spreadMs: SPREAD_MS,
    timeoutMs: PATIENCE_MS,
    perRoom: 1 + MISSED,
  })
  const usage = cell.usageSince(before)
  const statements = await readStatements()
  const listed = Object.entries(statements ?? {}).map(([kind, count]) => `${count} ${kind}`)
  return {
    figures: { ms: back.ms, ...(statements ? { logReads: statements['log reads'] ?? 0 } : {}) },
    faults: [...first.faults, ...back.faults],
    notes: [
      ...(statements ? [`statements from the first connect to the last event: ${listed.join(', ')}`] : []),
      `server CPU ${usage.server.toFixed(2)} s, Postgres ${usage.postgres.toFixed(2)} s`,
    ],
    usages: [usage],
  }
}
