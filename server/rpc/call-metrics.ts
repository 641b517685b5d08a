import type { ChatErrorReason } from '../../shared/errors.ts'
import { Histogram } from '../lib/histogram.ts'

/** How a call ended; `CANCELLED` for a query whose caller was gone before it was answered. */
export type CallOutcome = ChatErrorReason | 'OK' | 'CANCELLED'

/** What is counted of all calls of one procedure. */
export interface ProcedureMetrics {
  outcomes: Map<CallOutcome, number>
  /** How long queries and mutations take; subscriptions are not measured. */
  seconds: Histogram
  /** Streams that are open now, over any transport; undefined for a query or mutation. */
  streams: number | undefined
}

export const CALL_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Counts calls by procedure, how they end and how long they take. Paths that name no procedure are not counted. */
export class CallMetrics {
  /** Bounded by the number of procedures. */
  readonly #procedures = new Map<string, ProcedureMetrics>()

  get procedures(): ReadonlyMap<string, ProcedureMetrics> {
    return this.#procedures
  }

  /**
   * Counts a call that began at `startedAt`, by `performance.now()`, and has ended. A subscription ends here when its stream
   * begins.
   */
  count(path: string, type: string, outcome: CallOutcome, startedAt: number): void {
    const { outcomes, seconds, streams } = this.#of(path, type)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (streams === undefined) seconds.add((performance.now() - startedAt) / 1_000)
  }

  /** Counts a stream as open, until the function that it returns is called. */
  openStream(path: string): () => void {
    const metrics = this.#of(path, 'subscription')
    metrics.streams = (metrics.streams ?? 0) + 1
    return () => {
      metrics.streams = (metrics.streams ?? 0) - 1
    }
  }

  #of(path: string, type: string): ProcedureMetrics {
    const known = this.#procedures.get(path)
    if (known) return known
    const streams = type === 'subscription' ? 0 : undefined
    const metrics = { outcomes: new Map(), seconds: new Histogram(CALL_SECONDS), streams }
    this.#procedures.set(path, metrics)
    return metrics
  }
}
