import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Usage } from '../harness/process-usage.ts'
import type { Measurement, Row, Scenario } from '../harness/scenario.ts'

const TEXT_LENGTH = 100
const RATES = [200, 1_000] as const

const row = (rate: number, percentile: 'p50' | 'p99'): Row => ({
  key: `${percentile}at${rate}`,
  title: `${rate.toLocaleString('en')}/s, ${percentile}`,
  unit: 'ms',
  digits: 2,
  better: 'less',
  goals: [{ kind: 'not above', than: 'tuned' }],
})

/** From the moment when a send was meant to leave to its arrival at each member. */
export const latency: Scenario = {
  name: 'latency',
  title: 'Delivery latency, 50 rooms of 10',
  about:
    'Messages of 100 characters leave at random moments (a Poisson process), whatever the server does meanwhile; each delivery to ' +
    'each member counts from the moment when its message was meant to leave. A timer of the generator has a grain of 1 ms, which ' +
    'is in the latencies of all systems alike. The message is in Postgres before it is delivered.',
  systems: ['confab', 'tuned'],
  rows: RATES.flatMap((rate) => [row(rate, 'p50'), row(rate, 'p99')]),
  measure: measureLatency,
}

async function measureLatency(cell: Cell, bench: Bench): Promise<Measurement> {
  await cell.enter({ layout: { rooms: 50, members: 10 }, subscription: 'room' })
  const figures: Record<string, number> = {}
  const faults: string[] = []
  const notes: string[] = []
  const usages: Usage[] = []
  await cell.load({
    pace: { rate: 500 },
    warmupMs: bench.pick(2_000, 500),
    durationMs: bench.pick(1_000, 200),
    textLength: TEXT_LENGTH,
  })
  for (const rate of RATES) {
    const report = await cell.load({
      pace: { rate },
      warmupMs: bench.pick(1_000, 100),
      durationMs: bench.pick(8_000, 1_200),
      textLength: TEXT_LENGTH,
    })
    const { delivery, answer, lateness, usage } = report
    figures[`p50at${rate}`] = delivery.p50
    figures[`p99at${rate}`] = delivery.p99
    faults.push(...report.faults.map((fault) => `${rate}/s: ${fault}`))
    notes.push(
      `${rate}/s: acknowledged after ${answer.p50.toFixed(2)} ms (p50), ${answer.p99.toFixed(2)} ms (p99); left late by ` +
        `${lateness.p50.toFixed(2)} ms (p50), ${lateness.p99.toFixed(2)} ms (p99)`,
    )
    usages.push(usage)
  }
  return { figures, faults, notes, usages }
}
