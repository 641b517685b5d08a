import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const LAYOUT = { rooms: 500, members: 20, areShared: true }
const TEXT_LENGTH = 100
/** 40,000 events in all: more than the kernel takes for a socket, and less than would make the server forget recent ones. */
const FLOOD = { perTurn: 500, intervalMs: 50, durationMs: 4_000, rooms: LAYOUT.rooms, from: 0, textLength: TEXT_LENGTH }
const MEBIBYTE = 1 << 20

/** What waits for a user whose inbox is not read. */
export const stalledInbox: Scenario = {
  name: 'stalled-inbox',
  title: 'Inbox that is not read, 500 busy rooms',
  about:
    '20 users, each in the same 500 rooms, with their inbox open; 40,000 messages in four seconds. Twice, in a new server each ' +
    'time: once all of them read, once one of them does not. What the process has in use more then (after a garbage collection) ' +
    'is what waits for that user.',
  systems: ['confab'],
  onlyWhole: ['confab'],
  rows: [
    {
      key: 'held',
      title: 'held for the stalled reader',
      unit: 'MiB',
      digits: 1,
      better: 'less',
      goals: [{ kind: 'at most', value: 2 }],
    },
  ],
  env: () => ({ RECONCILE: 'off' }),
  measure: measureStalledInbox,
}

async function measureStalledInbox(cell: Cell, bench: Bench): Promise<Measurement> {
  const healthy = await usedInPeace(bench)
  const stalled = await usedAfterFlood(cell, 1)
  return {
    figures: { held: Math.max(0, stalled.mebibytes - healthy.mebibytes) },
    faults: [...healthy.faults, ...stalled.faults],
    usages: [],
  }
}

/** The other server ends before the cell's own has work: together they would need more connections than Postgres gives. */
async function usedInPeace(bench: Bench) {
  await using cell = await bench.open(stalledInbox, 'confab')
  return await usedAfterFlood(cell, 0)
}

async function usedAfterFlood(cell: Cell, stalled: number) {
  await cell.enter({ layout: LAYOUT, subscription: 'inbox', stalled })
  const { events } = await cell.server.call('publish', FLOOD)
  const { faults } = await cell.generator.call('check', { newest: events - 1, timeoutMs: 20_000 })
  const { usedBytes } = await cell.server.call('collect')
  return { faults, mebibytes: usedBytes / MEBIBYTE }
}
