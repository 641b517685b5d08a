import { ChatError } from '../errors/chat-error.ts'

/*
 * Divides the event loop between computations and everything else. A computation that may take long is a generator that yields
 * wherever it can be interrupted. All computations of a process share one slice of each turn of the loop; I/O, timers and other
 * calls run in between.
 *
 *   idle     nothing waits; a computation runs at once, for the rest of this turn's slice
 *   sharing  computations wait; in every turn each continues for a moment, one after another, until the slice is used up
 */

/** A computation in steps of a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>

/** Milliseconds of each turn of the loop, for all computations together. */
const SLICE_MS = 8
/** How long one computation runs before the next one's turn. */
const MOMENT_MS = 2
/** Bound on waiting computations; further ones are refused, to be retried shortly. */
const MAX_WAITING = 10_000
const RETRY_AFTER_MS = 500

export class LoopShare {
  /** In the order of their turns; at most MAX_WAITING. */
  readonly #waiting = new Set<() => boolean>()
  #spentMs = 0
  #isScheduled = false

  /**
   * Runs a computation to completion, over as many turns of the loop as it takes. @throws ChatError RATE_LIMITED; errors of its
   * steps
   */
  async run<T>(steps: Steps<T>): Promise<T> {
    if (this.#waiting.size >= MAX_WAITING) throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const goOn = () => {
      try {
        const { done, value } = this.#advance(steps)
        if (done) resolve(value)
        return done === true
      } catch (error) {
        reject(error)
        return true
      }
    }
    const isFirst = this.#waiting.size === 0 && this.#spentMs < SLICE_MS
    if (!isFirst || !goOn()) this.#waiting.add(goOn)
    this.#scheduleNext()
    return promise
  }

  /** Takes at least one step, and stops when the moment or the slice is over. */
  #advance<T>(steps: Steps<T>): IteratorResult<void, T> {
    const from = performance.now()
    const until = from + Math.min(MOMENT_MS, SLICE_MS - this.#spentMs)
    try {
      let step = steps.next()
      while (!step.done && performance.now() < until) step = steps.next()
      return step
    } finally {
      this.#spentMs += performance.now() - from
    }
  }

  #next(): void {
    this.#isScheduled = false
    this.#spentMs = 0
    for (const goOn of this.#waiting) {
      if (this.#spentMs >= SLICE_MS) break
      this.#waiting.delete(goOn)
      if (!goOn()) this.#waiting.add(goOn)
    }
    // The time just spent counts in this turn, including for computations that begin before the next one.
    if (this.#waiting.size > 0 || this.#spentMs > 0) this.#scheduleNext()
  }

  #scheduleNext(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#next())
  }
}

/** Takes all steps at once; only for computations known to be short. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}
