import { ChatError } from '../errors/chat-error.ts'

/*
 * Shares the event loop's thread between computations and everything else. What may take long is written as a generator, which yields
 * wherever it can be interrupted. All computations of a process together get one slice of each turn of the loop; in between come I/O,
 * timers and other calls.
 *
 *   idle     nothing waits; a computation runs at once, for as long as this turn's slice lasts
 *   sharing  computations wait; in every turn they go on one after the other, each for a moment, until the slice is used up
 */

/** A computation in steps, each of a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>

/** Of each turn of the loop, in milliseconds, for all computations together. */
const SLICE_MS = 8
/** How long one computation goes on before the next one has its turn. */
const MOMENT_MS = 2
/** Computations that wait; more are refused, to be tried again shortly. */
const MAX_WAITING = 10_000
const RETRY_AFTER_MS = 500

export class LoopShare {
  /** In the order of their turns, at most MAX_WAITING. */
  readonly #waiting = new Set<() => boolean>()
  #spentMs = 0
  #isScheduled = false

  /** Runs a computation to its end, in as many turns of the loop as it takes. @throws ChatError RATE_LIMITED; what a step throws */
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

  /** At least one step, and no more than a moment and the slice allow. */
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
    // What was computed just now counts in this turn, also for what begins before the next one.
    if (this.#waiting.size > 0 || this.#spentMs > 0) this.#scheduleNext()
  }

  #scheduleNext(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#next())
  }
}

/** Takes all steps at once: for what is known to be short. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}
