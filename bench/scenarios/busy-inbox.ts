import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'
import type { Layout } from '../peers/layout.ts'

const TEXT_LENGTH = 100
const USERS = 20
const PER_TURN = 100
const INTERVAL_MS = 50

/** One stream over hundreds of busy rooms, against one stream of one room. */
export const busyInbox: Scenario = {
  name: 'inbox',
  title: 'Inbox of a user with 500 busy rooms',
  about:
    '20 users, each in the same 500 rooms (200 in the quick run), with nothing but their inbox open; 2,000 messages a second go to ' +
    'these rooms in turn, a hundred in a turn of the event loop. Then the same users follow one room instead, which gets the same ' +
    'messages. The figure is the server’s CPU for each message and user; a stream that leaves out what a later event supersedes ' +
    'counts the same.',
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
  ],
  env: () => ({ RECONCILE: 'off' }),
  measure: measureBusyInbox,
}

async function measureBusyInbox(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: bench.pick(500, 200), members: USERS, areShared: true }
  await cell.server.call('seed', layout)
  const room = await follow(cell, bench, { layout, subscription: 'room' })
  await cell.generator.call('drop')
  const inbox = await follow(cell, bench, { layout, subscription: 'inbox' })
  return {
    figures: { inbox: inbox.microseconds, room: room.microseconds, ratio: inbox.microseconds / room.microseconds },
    faults: [...room.faults, ...inbox.faults],
    notes: [`inboxes begun anew by a snapshot: ${inbox.snapshots}`],
    usages: [room.usage, inbox.usage],
  }
}

/** A new crowd that follows for a while. */
async function follow(cell: Cell, bench: Bench, plan: { layout: Layout; subscription: 'room' | 'inbox' }) {
  await cell.connect(plan)
  const rooms = plan.subscription === 'room' ? 1 : plan.layout.rooms
  const pace = { perTurn: PER_TURN, intervalMs: INTERVAL_MS, rooms, textLength: TEXT_LENGTH }
  const warmUp = await cell.server.call('publish', { ...pace, durationMs: bench.pick(1_500, 300), from: 0 })
  const before = cell.usage()
  const durationMs = bench.pick(4_000, 1_000)
  const { events } = await cell.profiled(bench.profileFile(cell.system, plan.subscription), () =>
    cell.server.call('publish', { ...pace, durationMs, from: warmUp.events }),
  )
  const newest = warmUp.events + events - 1
  const check = await cell.generator.call('check', { newest, timeoutMs: bench.pick(20_000, 3_000) })
  const usage = cell.usageSince(before)
  return { ...check, usage, microseconds: (usage.server * 1e6) / (events * USERS) }
}
