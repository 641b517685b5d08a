import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const TEXT_LENGTH = 100
const USERS = 20
const PER_TURN = 100
const INTERVAL_MS = 50
/** 40,000 events in all: more than the kernel takes for a socket, and less than would make the server forget recent ones. */
const FLOOD_PER_TURN = 500
const MEBIBYTE = 1 << 20

/** One stream over hundreds of busy rooms, against one stream of one room. */
export const busyInbox: Scenario = {
  name: 'inbox',
  title: 'Inbox of a user with 500 busy rooms',
  about:
    '20 users, each in the same 500 rooms (200 in the quick run), with nothing but their inbox open; 2,000 messages a second go to ' +
    'these rooms in turn, a hundred in a turn of the event loop. Then the same users follow one room instead, which gets the same ' +
    'messages. The figure is the server’s CPU for each message and user; a stream that leaves out what a later event supersedes ' +
    'counts the same. Last, one of the users stops reading: what the process holds more than without is what waits for that user.',
  systems: ['confab'],
  rows: [
    { key: 'inbox', title: 'CPU per message, by inbox', unit: 'µs', digits: 2, better: 'less', goals: [] },
    { key: 'room', title: 'CPU per message, by room', unit: 'µs', digits: 2, better: 'less', goals: [] },
    {
      key: 'ratio',
      title: 'inbox against room',
      unit: '',
      digits: 2,
      better: 'less',
      goals: [{ kind: 'at most', value: 1.05 }],
    },
    {
      key: 'queued',
      title: 'held for an inbox that is not read',
      unit: 'MiB',
      digits: 1,
      better: 'less',
      goals: [{ kind: 'at most', value: 2 }],
    },
  ],
  env: () => ({ RECONCILE: 'off' }),
  measure: measureBusyInbox,
}

async function measureBusyInbox(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: bench.pick(500, 200), members: USERS, areShared: true }
  const durationMs = bench.pick(4_000, 1_000)
  const faults: string[] = []
  let from = 0

  const publish = async (rooms: number, duration: number, perTurn = PER_TURN) => {
    const before = cell.usage()
    const plan = { perTurn, intervalMs: INTERVAL_MS, durationMs: duration, rooms, from, textLength: TEXT_LENGTH }
    const { events } = await cell.server.call('publish', plan)
    from += events
    const check = await cell.generator.call('check', { newest: from - 1, timeoutMs: bench.pick(20_000, 3_000) })
    const usage = cell.usageSince(before)
    faults.push(...check.faults)
    return { usage, snapshots: check.snapshots, microseconds: (usage.server * 1e6) / (events * USERS) }
  }
  const connect = async (plan: { subscription: 'room' | 'inbox'; stalled?: number }) => {
    if (from > 0) await cell.generator.call('drop')
    from = 0
    await cell.connect({ layout, ...plan })
  }

  await cell.server.call('seed', layout)
  await connect({ subscription: 'room' })
  await publish(1, bench.pick(1_500, 300))
  const room = await publish(1, durationMs)

  await connect({ subscription: 'inbox' })
  await publish(layout.rooms, bench.pick(1_500, 300))
  const byInbox = await publish(layout.rooms, durationMs)

  const flood = async (plan: { stalled?: number }) => {
    await connect({ subscription: 'inbox', ...plan })
    const { snapshots } = await publish(layout.rooms, bench.pick(4_000, 500), FLOOD_PER_TURN)
    return { snapshots, ...(await cell.server.call('collect')) }
  }
  const healthy = await flood({})
  const stalled = await flood({ stalled: 1 })
  return {
    figures: {
      inbox: byInbox.microseconds,
      room: room.microseconds,
      ratio: byInbox.microseconds / room.microseconds,
      queued: Math.max(0, stalled.usedBytes - healthy.usedBytes) / MEBIBYTE,
    },
    faults: [...new Set(faults)],
    notes: [
      `inboxes begun anew by a snapshot: ${byInbox.snapshots} at the measured rate, ${healthy.snapshots} in the flood`,
    ],
    usages: [room.usage, byInbox.usage],
  }
}
