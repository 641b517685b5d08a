import type { Percentiles } from '../generator/percentiles.ts'
import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import { median } from '../harness/report.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'
import { roomIdOf } from '../peers/layout.ts'

const PAGE = 50
const WARM_UP = 50

/** Pages of a long history. */
export const history: Scenario = {
  name: 'history',
  title: 'History page of 50 in a room of 1,000,000 messages',
  about:
    '`message.list` over one connection, one call after the other: the newest 50, and 50 before a random place (100,000 messages in ' +
    'the quick run). Five passes in one process; the figure is the median of their p99. The plan is that of the statement which ' +
    'the server sent, by `explain` with the same parameters.',
  systems: ['confab'],
  maxRounds: 1,
  rows: [
    {
      key: 'first',
      title: 'first page, p99',
      unit: 'ms',
      digits: 2,
      better: 'less',
      goals: [{ kind: 'at most', value: 5 }],
    },
    {
      key: 'deep',
      title: 'deep page, p99',
      unit: 'ms',
      digits: 2,
      better: 'less',
      goals: [{ kind: 'at most', value: 5 }],
    },
    {
      key: 'plans',
      title: 'different plans',
      unit: '',
      digits: 0,
      better: 'less',
      goals: [{ kind: 'at most', value: 1 }],
    },
  ],
  measure: measureHistory,
}

async function measureHistory(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: 1, members: 2 }
  await cell.server.call('seed', layout)
  await cell.server.call('fill', { room: 0, messages: bench.pick(1_000_000, 100_000) })
  await cell.connect({ layout, subscription: 'none', limit: 1 })
  const count = bench.pick(400, 150)
  const cursors = await cell.server.call('cursors', { room: 0, count })
  const page = { roomId: roomIdOf(0), limit: PAGE }
  const firstPages = Array.from({ length: count }, () => page)
  const deepPages = cursors.map((cursor) => ({ roomId: page.roomId, limit: page.limit, cursor }))

  const passes: { first: Percentiles[]; deep: Percentiles[] } = { first: [], deep: [] }
  const plans = new Set<string>()
  const faults: string[] = []
  for (let pass = 0; pass < bench.pick(5, 1); pass++) {
    for (const [kind, inputs] of [['first', firstPages] as const, ['deep', deepPages] as const]) {
      const { faults: refusals, ...latencies } = await cell.generator.call('query', {
        path: 'message.list',
        inputs,
        warmup: WARM_UP,
      })
      passes[kind].push(latencies)
      faults.push(...refusals)
      plans.add(shapeOf(await cell.server.call('explainLastRead')))
    }
  }
  return {
    figures: { first: middle(passes.first, 'p99'), deep: middle(passes.deep, 'p99'), plans: plans.size },
    faults: [...new Set(faults)],
    usages: [],
    notes: [
      `p50: first page ${middle(passes.first, 'p50').toFixed(2)} ms, deep ${middle(passes.deep, 'p50').toFixed(2)} ms`,
      ...[...plans].map((plan) => `plan: ${plan}`),
    ],
  }
}

const middle = (passes: Percentiles[], of: 'p50' | 'p99'): number => median(passes.map((pass) => pass[of])) ?? 0

/** The nodes of a plan and the indexes that they use, without their conditions. */
const shapeOf = (plan: string[]): string =>
  plan.flatMap((line) => /^\s*(?:->\s*)?((?!.*(?:Cond|Filter|Key|Subplans)\b.*:).+)$/.exec(line)?.[1] ?? []).join(' / ')
