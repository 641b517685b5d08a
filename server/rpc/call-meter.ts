import type { ChatErrorReason } from '../../shared/errors.ts'
import { Distribution } from '../lib/distribution.ts'

/** How a call ended; `CANCELLED` for a query whose caller was gone before it was answered. */
export type CallOutcome = ChatErrorReason | 'OK' | 'CANCELLED'

/** All calls of one procedure. */
export interface MeasuredCalls {
  outcomes: Map<CallOutcome, number>
  /** Of queries and mutations. */
  seconds: Distribution
  /** Streams that are open now, over whatever transport; undefined for a query or mutation. */
  streams: number | undefined
}

export const CALL_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Counts calls by procedure, how they end and how long they take. What a caller makes up is no procedure and is not counted. */
export class CallMeter {
  /** Bounded by the procedures that there are. */
  readonly #procedures = new Map<string, MeasuredCalls>()

  get procedures(): ReadonlyMap<string, MeasuredCalls> {
    return this.#procedures
  }

  /** A call has ended that began at `startedAt`, by `performance.now()`. A subscription's ends when its stream begins. */
  count(path: string, type: string, outcome: CallOutcome, startedAt: number): void {
    const { outcomes, seconds, streams } = this.#of(path, type)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (streams === undefined) seconds.add((performance.now() - startedAt) / 1_000)
  }

  /** A stream begins; to be told when it is over. */
  openStream(path: string): () => void {
    const calls = this.#of(path, 'subscription')
    calls.streams = (calls.streams ?? 0) + 1
    return () => {
      calls.streams = (calls.streams ?? 0) - 1
    }
  }

  #of(path: string, type: string): MeasuredCalls {
    const known = this.#procedures.get(path)
    if (known) return known
    const streams = type === 'subscription' ? 0 : undefined
    const calls = { outcomes: new Map(), seconds: new Distribution(CALL_SECONDS), streams }
    this.#procedures.set(path, calls)
    return calls
  }
}
