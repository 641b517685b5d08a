import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const SUBSCRIBERS = 1_000
const TEXT_LENGTH = 100
/** Between turns: everybody gets some 25 or 100 events a second, which leaves the generator time to read. */
const INTERVAL_MS = { 1: 40, 10: 100 }

/** CPU of the server for each event that a subscriber of one large room gets. */
export const fanOut: Scenario = {
  name: 'fan-out',
  title: 'Fan-out to one room of 1,000',
  about:
    'A room of 1,000 members, all subscribed, each on a connection of its own. The server publishes messages of 100 characters ' +
    'within itself (Confab: on its bus, through the real feed; Socket.IO: `io.to(room).emit`; the stock adapter: an EventEmitter; ' +
    'the floor: `ws.send` of one buffer in a loop), one or ten in a turn of the event loop. All carry the same message object. ' +
    'The figure is the CPU time of the server process, the kernel’s part included, over the number of deliveries.',
  systems: ['confab', 'floor', 'tuned', 'stock'],
  rows: [
    {
      key: 'one',
      title: 'one event per turn: CPU per delivery',
      unit: 'µs',
      digits: 2,
      better: 'less',
      goals: [
        { kind: 'not above', than: 'floor' },
        { kind: 'times better', than: 'tuned', factor: 1.2 },
      ],
    },
    {
      key: 'ten',
      title: 'ten events per turn: CPU per delivery',
      unit: 'µs',
      digits: 2,
      better: 'less',
      goals: [
        { kind: 'times better', than: 'tuned', factor: 4 },
        { kind: 'times better', than: 'stock', factor: 15 },
      ],
    },
  ],
  env: () => ({ RECONCILE: 'off' }),
  measure: measureFanOut,
}

async function measureFanOut(cell: Cell, bench: Bench): Promise<Measurement> {
  await cell.enter({ layout: { rooms: 1, members: SUBSCRIBERS }, subscription: 'room' })
  const durationMs = bench.pick(4_000, 700)
  let from = 0

  const publish = async (perTurn: 1 | 10, duration: number) => {
    const before = cell.usage()
    const plan = {
      perTurn,
      intervalMs: INTERVAL_MS[perTurn],
      durationMs: duration,
      rooms: 1,
      from,
      textLength: TEXT_LENGTH,
    }
    const { events } = await cell.server.call('publish', plan)
    from += events
    const { faults } = await cell.generator.call('check', { newest: from - 1, timeoutMs: bench.pick(30_000, 5_000) })
    const usage = cell.usageSince(before)
    return { usage, faults, microseconds: (usage.server * 1e6) / (events * SUBSCRIBERS) }
  }

  await publish(1, bench.pick(1_500, 300))
  const one = await publish(1, durationMs)
  await publish(10, bench.pick(1_000, 200))
  const ten = await cell.profiled(bench.profileFile(cell.system, 'fan-out'), () => publish(10, durationMs))
  return {
    figures: { one: one.microseconds, ten: ten.microseconds },
    faults: ten.faults,
    usages: [one.usage, ten.usage],
  }
}
