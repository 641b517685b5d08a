import { setTimeout as delay } from 'node:timers/promises'
import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const KIBIBYTE = 1_024
const FIRST_CONNECTIONS = 200

/** What an idle connection with one subscription costs. */
export const memory: Scenario = {
  name: 'memory',
  title: 'Memory per idle subscribed connection',
  about:
    'The growth of the server’s resident memory (VmRSS) with 5,000 connections, each authenticated and subscribed to one of 50 ' +
    'rooms, over their number (1,000 in the quick run). The base line is taken when 200 connections have come and gone and all ' +
    'free pages were given back; then three seconds after the last of the 5,000, and again when garbage was collected and pages ' +
    'were given back, which leaves what a connection needs. What the kernel holds for a socket is not in it. Clients shake hands ' +
    'with all that a browser sends; Socket.IO by its defaults keeps the request of every upgrade, which the tuned peer lets go.',
  systems: ['confab', 'tuned', 'kysely', 'stock'],
  onlyWhole: ['tuned', 'stock'],
  rows: [
    { key: 'standing', title: 'resident memory, as it stands', unit: 'KiB', digits: 1, better: 'less', goals: [] },
    {
      key: 'collected',
      title: 'resident memory, after a garbage collection',
      unit: 'KiB',
      digits: 1,
      better: 'less',
      goals: [
        { kind: 'at most', value: 25 },
        { kind: 'times better', than: 'kysely', factor: 2 },
      ],
    },
  ],
  measure: measureMemory,
}

async function measureMemory(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: 50, members: bench.pick(100, 20) }
  const connections = layout.rooms * layout.members
  await cell.enter({ layout, subscription: 'room', limit: FIRST_CONNECTIONS })
  await cell.generator.call('drop')
  await delay(bench.pick(2_000, 300))
  await cell.server.call('collect')
  const before = cell.residentBytes()
  const each = () => (cell.residentBytes() - before) / connections / KIBIBYTE
  const { ms } = await cell.connect({ layout, subscription: 'room' })
  await delay(bench.pick(3_000, 300))
  const standing = each()
  await cell.server.call('collect')
  return {
    figures: { standing, collected: each() },
    faults: [],
    usages: [],
    notes: [`${connections} connections authenticated and subscribed in ${(ms / 1_000).toFixed(1)} s`],
  }
}
