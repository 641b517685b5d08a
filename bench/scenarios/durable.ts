import type { Bench } from '../harness/bench.ts'
import type { Cell } from '../harness/cell.ts'
import type { Usage } from '../harness/process-usage.ts'
import type { Measurement, Row, Scenario } from '../harness/scenario.ts'
import type { Layout } from '../peers/layout.ts'

const TEXT_LENGTH = 100

interface Shape {
  key: string
  layout: Layout
  inFlight: number
}

const SHAPES: Shape[] = [
  { key: 'pairs', layout: { rooms: 500, members: 2 }, inFlight: 256 },
  { key: 'groups', layout: { rooms: 50, members: 10, firstRoom: 500, firstUser: 1_000 }, inFlight: 256 },
  { key: 'hot', layout: { rooms: 1, members: 2, firstRoom: 550, firstUser: 1_500 }, inFlight: 64 },
]

const perSecond = { unit: '/s', digits: 0, better: 'more' } satisfies Partial<Row>

/** Messages that are acknowledged when they are on disk, as many as each system takes. */
export const durable: Scenario = {
  name: 'durable',
  title: 'Acknowledged durable messages at overload',
  about:
    'Every member is connected and subscribed, and every message of 100 characters is delivered to all members of its room, the ' +
    'sender included, while it is measured. As soon as one send is answered the next one leaves, from the next member in a random ' +
    'order, so that 256 (in the hot room 64) are unanswered at any time, which is more than any of the systems has use for. A ' +
    'message counts when its acknowledgement arrives; Postgres runs with fsync and synchronous_commit for all. CPU is that of the ' +
    'server process and of all processes of Postgres together.',
  systems: ['confab', 'tuned', 'kysely'],
  rows: [
    {
      ...perSecond,
      key: 'pairs',
      title: '500 rooms of 2',
      goals: [
        { kind: 'times better', than: 'tuned', factor: 2 },
        { kind: 'times better', than: 'kysely', factor: 3 },
      ],
    },
    {
      ...perSecond,
      key: 'groups',
      title: '50 rooms of 10',
      goals: [
        { kind: 'times better', than: 'tuned', factor: 2 },
        { kind: 'times better', than: 'kysely', factor: 2.5 },
      ],
    },
    {
      ...perSecond,
      key: 'hot',
      title: 'one hot room of 2, 64 in flight',
      goals: [{ kind: 'times better', than: 'tuned', factor: 2.5 }],
    },
    {
      key: 'cpu',
      title: '500 rooms of 2: CPU of server and Postgres per message',
      unit: 'µs',
      digits: 0,
      better: 'less',
      goals: [{ kind: 'times better', than: 'tuned', factor: 2 }],
    },
  ],
  prepare: choosePoolSize,
  measure: measureDurable,
}

async function measureDurable(cell: Cell, bench: Bench): Promise<Measurement> {
  const figures: Record<string, number> = {}
  const faults: string[] = []
  const notes: string[] = []
  const usages: Usage[] = []
  for (const [index, { key, layout, inFlight }] of SHAPES.entries()) {
    if (index > 0) await cell.generator.call('drop')
    await cell.enter({ layout, subscription: 'room' })
    const plan = {
      pace: { inFlight },
      warmupMs: bench.pick(2_500, 300),
      durationMs: bench.pick(4_000, 700),
      textLength: TEXT_LENGTH,
    }
    const report = await cell.profiled(bench.profileFile(cell.system, key), () => cell.load(plan))
    const { usage, answered, answer } = report
    figures[key] = answered / usage.seconds
    const micros = (seconds: number) => (seconds * 1e6) / answered
    if (key === 'pairs' && cell.watched.postmaster > 0) figures['cpu'] = micros(usage.server + usage.postgres)
    usages.push(usage)
    faults.push(...report.faults.map((fault) => `${key}: ${fault}`))
    notes.push(
      `${key}: answered within ${answer.p50.toFixed(1)} ms (p50), ${answer.p99.toFixed(1)} ms (p99); cores used: ` +
        `server ${(usage.server / usage.seconds).toFixed(2)}, Postgres ${(usage.postgres / usage.seconds).toFixed(2)}, ` +
        `generator ${(usage.generator / usage.seconds).toFixed(2)}; CPU a message: server ${micros(usage.server).toFixed(0)} µs, ` +
        `Postgres ${micros(usage.postgres).toFixed(0)} µs`,
    )
  }
  return { figures, faults, notes, usages }
}

const POOL_SIZES = [4, 8, 12, 16, 24]

/** The pool with which the tuned peer does most, on this machine and this Postgres. */
async function choosePoolSize(bench: Bench): Promise<string[]> {
  if (bench.options.isQuick)
    return [`Pool of the tuned peer: ${bench.poolSize} connections (tried in the whole run only).`]
  const tried: { size: number; rate: number }[] = []
  for (const size of POOL_SIZES) {
    await using cell = await bench.open(durable, 'tuned', { POOL_SIZE: String(size) })
    await cell.enter({ layout: { rooms: 500, members: 2 }, subscription: 'room' })
    const { answered, usage } = await cell.load({
      pace: { inFlight: 256 },
      warmupMs: 2_000,
      durationMs: 2_500,
      textLength: TEXT_LENGTH,
    })
    tried.push({ size, rate: answered / usage.seconds })
  }
  const best = tried.reduce((a, b) => (b.rate > a.rate ? b : a))
  bench.poolSize = best.size
  const list = tried.map(({ size, rate }) => `${size}: ${Math.round(rate)}/s`).join(', ')
  bench.say(`  pool of the tuned peer: ${list}`)
  return [
    `Pool of the tuned peer, tried in one run each (connections: messages a second): ${list}. Taken: ${best.size}.`,
  ]
}
