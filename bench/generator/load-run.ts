import { setTimeout as delay } from 'node:timers/promises'
import { readUsage, type Usage, usageSince, type Watched } from '../harness/process-usage.ts'
import { markedText } from '../peers/marked-text.ts'
import type { Crowd } from './crowd.ts'
import { Latencies, type Percentiles } from './percentiles.ts'

export interface LoadPlan {
  /**
   * `inFlight`: as many as the server takes, so many of them unanswered at any time.
   * `rate`: so many a second at random moments, whatever the server does; latency counts from the moment that was meant.
   */
  pace: { inFlight: number } | { rate: number }
  warmupMs: number
  durationMs: number
  textLength: number
  watched: Watched
}

export interface LoadReport {
  /** Within the measured time, which excludes the warm-up. */
  usage: Usage
  answered: number
  delivered: number
  answer: Percentiles
  delivery: Percentiles
  /** How late messages left, by the generator's own fault: part of the latencies. */
  lateness: Percentiles
  faults: string[]
}

const SETTLE_MS = 15_000
/** Between two looks at the clock; a timer of Node has no finer grain. */
const GRAIN_MS = 1

/** One run of sends over a crowd: warm-up, measured time, and the wait until all that was sent has arrived. */
export class LoadRun {
  readonly #crowd: Crowd
  readonly #plan: LoadPlan
  readonly #senders: number[]
  readonly #firstMark: number
  /** When each message was meant to leave. */
  readonly #meant: number[] = []
  readonly #answered: number[] = []
  readonly #refusals: string[] = []
  #latencies = { answer: new Latencies(), delivery: new Latencies(), lateness: new Latencies() }
  #answers = 0
  #deliveries = 0
  #isSending = true

  constructor(crowd: Crowd, plan: LoadPlan, firstMark: number) {
    this.#crowd = crowd
    this.#plan = plan
    this.#firstMark = firstMark
    this.#senders = shuffled(crowd.participants.length - (crowd.plan.stalled ?? 0))
  }

  get nextMark(): number {
    return this.#firstMark + this.#meant.length
  }

  async run(): Promise<LoadReport> {
    const { pace, warmupMs, durationMs, watched } = this.#plan
    this.#crowd.onDelivery = (_participant, mark) => this.#onDelivery(mark)
    this.#crowd.onAnswer = (call, refusal) => this.#onAnswer(call, refusal)
    const sending = 'rate' in pace ? this.#sendAtRate(pace.rate) : this.#sendInFlight(pace.inFlight)

    await delay(warmupMs)
    this.#latencies = { answer: new Latencies(), delivery: new Latencies(), lateness: new Latencies() }
    const before = readUsage(watched)
    const counted = { answers: this.#answers, deliveries: this.#deliveries }
    await delay(durationMs)
    const usage = usageSince(before, readUsage(watched))
    const answered = this.#answers - counted.answers
    const delivered = this.#deliveries - counted.deliveries

    this.#isSending = false
    await sending
    const faults = await this.#settle()
    const { answer, delivery, lateness } = this.#latencies
    return {
      usage,
      answered,
      delivered,
      answer: answer.percentiles(),
      delivery: delivery.percentiles(),
      lateness: lateness.percentiles(),
      faults,
    }
  }

  async #sendInFlight(inFlight: number): Promise<void> {
    for (let count = 0; count < inFlight; count++) this.#send(performance.now())
  }

  async #sendAtRate(rate: number): Promise<void> {
    let next = performance.now()
    while (this.#isSending) {
      for (; next <= performance.now(); next += (-Math.log(1 - Math.random()) * 1_000) / rate) {
        this.#latencies.lateness.record(performance.now() - next)
        this.#send(next)
      }
      await delay(GRAIN_MS)
    }
  }

  #send(meant: number): void {
    const mark = this.nextMark
    const sender = this.#senders[this.#meant.length % this.#senders.length] ?? 0
    this.#meant.push(meant)
    this.#crowd.participants[sender]?.send(mark, markedText(mark, this.#plan.textLength))
  }

  #onAnswer(call: number, refusal: string | undefined): void {
    this.#answers++
    this.#latencies.answer.record(performance.now() - (this.#meant[call - this.#firstMark] ?? 0))
    if (refusal === undefined) this.#answered.push(call)
    else this.#refusals.push(refusal)
    if (this.#isSending && 'inFlight' in this.#plan.pace) this.#send(performance.now())
  }

  #onDelivery(mark: number): void {
    this.#deliveries++
    this.#latencies.delivery.record(performance.now() - (this.#meant[mark - this.#firstMark] ?? 0))
  }

  /** Acknowledged messages that nobody got, yet. */
  #undelivered(): number {
    return this.#answered.filter((mark) => !this.#crowd.rooms.has(mark)).length
  }

  async #settle(): Promise<string[]> {
    const deadline = performance.now() + SETTLE_MS
    const isArriving = () => this.#answers < this.#meant.length || this.#undelivered() > 0
    while (isArriving() && performance.now() < deadline) await delay(20)
    await this.#crowd.settle(Math.max(1, deadline - performance.now()))
    const unanswered = this.#meant.length - this.#answers
    const undelivered = this.#undelivered()
    return [
      ...this.#crowd.faults(),
      ...(unanswered > 0 ? [`${unanswered} sends without an answer`] : []),
      ...(undelivered > 0 ? [`${undelivered} acknowledged messages lost`] : []),
      ...(this.#refusals.length > 0 ? [`${this.#refusals.length} sends refused (${this.#refusals[0]})`] : []),
    ]
  }
}

/** 0 to `count - 1` in random order. */
function shuffled(count: number): number[] {
  return Array.from({ length: count }, (_, value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value)
}
