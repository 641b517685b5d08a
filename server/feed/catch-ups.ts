import { ChatError } from '../rpc/chat-error.ts'

/** Together they leave most of the pool to everything else. */
const AT_ONCE = 8
/** Catch-ups that wait; more are refused, to be tried again shortly. */
const MAX_WAITING = 10_000
const RETRY_AFTER_MS = 500

interface CatchUpLimits {
  atOnce?: number
  maxWaiting?: number
}

/**
 * The catch-ups that read the database on this node: so many at a time, the others wait in the order in which they came. When
 * everybody comes back at once, the database is read by a few and not by all of them together.
 */
export class CatchUps {
  readonly #atOnce: number
  readonly #maxWaiting: number
  #running = 0
  readonly #waiting = new Set<() => void>()

  constructor({ atOnce = AT_ONCE, maxWaiting = MAX_WAITING }: CatchUpLimits = {}) {
    this.#atOnce = atOnce
    this.#maxWaiting = maxWaiting
  }

  /** Runs `read` when it is its turn. It should do nothing but read. @throws ChatError RATE_LIMITED; the signal's reason */
  async run<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#running < this.#atOnce) this.#running++
    else await this.#turn(signal)
    try {
      return await read()
    } finally {
      this.#passOn()
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      if (this.#waiting.delete(resolve)) reject(signal.reason)
    }
    this.#waiting.add(resolve)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** The place goes to who has waited longest, without a moment in which it is free. */
  #passOn(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#running--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
