import type { LoadReport } from '../generator/load-run.ts'
import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Measurement, Scenario } from '../harness/scenario.ts'

const MEBIBYTE = 1 << 20
const TEXT_LENGTH = 8_000
const RATE = 800
const HEALTHY = 10
const STALLED = 50
const SAMPLE_MS = 50

/** Readers that have stopped, beside healthy ones. */
export const stalled: Scenario = {
  name: 'stalled',
  title: '50 stalled readers, 100 MB published',
  about:
    'A room of 60: ten members send and read, 50 are subscribed and do not read from their sockets. 800 messages a second of 8,000 ' +
    'characters, 100 MB in all (8 MB in the quick run), go the whole way through Postgres. The growth is that of the server’s ' +
    'resident memory, at its peak; the latency of the healthy ones is compared with the same load without the stalled ones.',
  systems: ['confab'],
  rows: [
    {
      key: 'growth',
      title: 'growth of resident memory',
      unit: 'MiB',
      digits: 0,
      better: 'less',
      goals: [{ kind: 'at most', value: 150 }],
    },
    { key: 'alone', title: 'p99 of healthy readers, alone', unit: 'ms', digits: 2, better: 'less', goals: [] },
    { key: 'beside', title: 'p99 of healthy readers, beside them', unit: 'ms', digits: 2, better: 'less', goals: [] },
    {
      key: 'ratio',
      title: 'p99 beside them against alone',
      unit: '',
      digits: 2,
      better: 'less',
      goals: [{ kind: 'at most', value: 2 }],
    },
  ],
  measure: measureStalled,
}

async function measureStalled(cell: Cell, bench: Bench): Promise<Measurement> {
  const layout = { rooms: 1, members: HEALTHY + STALLED }
  const bytes = bench.pick(100_000_000, 8_000_000)
  const durationMs = (bytes / TEXT_LENGTH / RATE) * 1_000
  const load = (duration: number) =>
    cell.load({ pace: { rate: RATE }, warmupMs: bench.pick(1_000, 300), durationMs: duration, textLength: TEXT_LENGTH })

  await cell.enter({ layout, subscription: 'room', limit: HEALTHY })
  const alone = await load(durationMs / 2)
  await cell.generator.call('drop')
  await cell.server.call('collect')
  const base = cell.residentBytes()

  await cell.connect({ layout, subscription: 'room', stalled: STALLED })
  const { report, peak } = await peakWhile(cell, () => load(durationMs))
  return {
    figures: {
      growth: (peak - base) / MEBIBYTE,
      alone: alone.delivery.p99,
      beside: report.delivery.p99,
      ratio: report.delivery.p99 / alone.delivery.p99,
    },
    faults: [...alone.faults, ...report.faults],
    usages: [alone.usage, report.usage],
  }
}

async function peakWhile(cell: Cell, work: () => Promise<LoadReport>): Promise<{ report: LoadReport; peak: number }> {
  let peak = 0
  const sampling = setInterval(() => {
    peak = Math.max(peak, cell.residentBytes())
  }, SAMPLE_MS)
  try {
    return { report: await work(), peak }
  } finally {
    clearInterval(sampling)
  }
}
