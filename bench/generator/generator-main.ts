import { setTimeout as delay } from 'node:timers/promises'
import { answerParent } from '../harness/remote.ts'
import { Churn, type ChurnPlan } from './churn.ts'
import { Crowd, type CrowdPlan } from './crowd.ts'
import { type LoadPlan, type LoadReport, LoadRun } from './load-run.ts'
import { Latencies, type Percentiles } from './percentiles.ts'

export interface DeliveryCheck {
  deliveries: number
  faults: string[]
}

export interface QueryPlan {
  path: string
  inputs: object[]
  warmup: number
}

/** What the parent asks of the generator, the process that plays all clients. One crowd at a time. */
export interface GeneratorCalls {
  /** Connects a crowd; resolves with the time that it took. */
  open(plan: CrowdPlan): Promise<{ ms: number }>
  load(plan: LoadPlan): Promise<LoadReport>
  /** Waits until everybody has all events of a server that published by itself. */
  check(plan: { newest: number; timeoutMs: number }): Promise<DeliveryCheck & { snapshots: number }>
  /** Asks one thing after the other, over one connection. */
  query(plan: QueryPlan): Promise<Percentiles & { faults: string[] }>
  drop(): Promise<void>
  /** Lets so many come and go. */
  churn(plan: ChurnPlan): Promise<void>
  /** Everybody comes back within `spreadMs` and goes on from its place, until all have `perRoom` messages of their room. */
  comeBack(plan: { spreadMs: number; timeoutMs: number; perRoom: number }): Promise<DeliveryCheck & { ms: number }>
}

let crowd: Crowd | undefined
let nextMark = 0

function present(): Crowd {
  if (!crowd) throw new Error('Nobody is connected')
  return crowd
}

answerParent<GeneratorCalls>(
  {
    async open(plan) {
      crowd?.drop()
      crowd = new Crowd(plan)
      nextMark = 0
      const started = performance.now()
      await crowd.open()
      return { ms: performance.now() - started }
    },

    async load(plan) {
      const run = new LoadRun(present(), plan, nextMark)
      const report = await run.run()
      nextMark = run.nextMark
      return report
    },

    async check({ newest, timeoutMs }) {
      const { latest, rooms, ledger } = present()
      const deadline = performance.now() + timeoutMs
      latest?.expect(newest)
      const isHere = () => latest !== undefined || rooms.lengthOf(0) > newest
      while (!isHere() && performance.now() < deadline) await delay(5)
      await present().settle(Math.max(1, deadline - performance.now()))
      const missing = latest ? 0 : newest + 1 - rooms.lengthOf(0)
      const faults = [...present().faults(), ...(missing > 0 ? [`${missing} events that nobody got`] : [])]
      return { deliveries: ledger.deliveries, snapshots: latest?.snapshots ?? 0, faults }
    },

    async query({ path, inputs, warmup }) {
      const people = present()
      const latencies = new Latencies()
      const faults: string[] = []
      for (const [call, input] of inputs.entries()) {
        const { promise, resolve } = Promise.withResolvers<string | undefined>()
        people.onAnswer = (_call, refusal) => resolve(refusal)
        const asked = performance.now()
        people.participants[0]?.query(call, path, input)
        const refusal = await promise
        if (refusal !== undefined) faults.push(refusal)
        if (call >= warmup) latencies.record(performance.now() - asked)
      }
      return { ...latencies.percentiles(), faults: [...new Set(faults)] }
    },

    async drop() {
      present().drop()
      await delay(200)
    },

    churn: (plan) => new Churn(plan).run(),

    async comeBack({ spreadMs, timeoutMs, perRoom }) {
      const people = present()
      const started = performance.now()
      await people.comeBack(spreadMs)
      const { rooms, plan } = people
      const isComplete = () =>
        Array.from({ length: plan.layout.rooms }).every((_, room) => rooms.lengthOf(room) >= perRoom)
      while (!(isComplete() && rooms.isSettled()) && performance.now() - started < timeoutMs) await delay(2)
      const ms = performance.now() - started
      const faults = isComplete() ? people.faults() : [...people.faults(), 'messages that nobody got']
      return { ms, deliveries: rooms.deliveries, faults }
    },
  },
  { port: 0 },
)
