import { ChatError } from '../errors/chat-error.ts'
import { KeyedCount } from '../transport/keyed-count.ts'

const RETRY_AFTER_MS = 500

export interface TurnLimits {
  atOnce: number
  /** Bound on one user's concurrent work; none if omitted. */
  atOncePerUser?: number
  /** Bounds on waiting work, over all users and per user. Work beyond them is refused, to be retried shortly. */
  maxWaiting: number
  maxWaitingPerUser: number
}

/**
 * Runs a bounded amount of work at a time. The rest waits, and turns rotate among the waiting users, with each user's own work in
 * order. However much work one user submits, another user's first only waits for one turn of each user ahead.
 */
export class FairTurns {
  readonly #limits: TurnLimits
  #running = 0
  /** Running work by user. */
  readonly #runningOf = new KeyedCount()
  #waiting = 0
  /** Waiting work by user, without empty lines. Bounded by `maxWaiting`. */
  readonly #lines = new Map<string, Set<() => void>>()
  /** Waiting users who are below their own bound, in the order of their next turns. */
  readonly #next = new Set<string>()

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** The amount of waiting work. */
  get waiting(): number {
    return this.#waiting
  }

  /** Runs the work when it is the user's turn. @throws ChatError RATE_LIMITED; the signal's reason */
  async run<T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = await this.take(user, signal)
    try {
      return await work()
    } finally {
      done()
    }
  }

  /**
   * Resolves when it is the user's turn, with a function that passes the turn on; only its first call counts. @throws as `run`
   */
  async take(user: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#mayBegin(user)) this.#begin(user)
    else await this.#turn(user, signal)
    let isDone = false
    return () => {
      if (isDone) return
      isDone = true
      this.#end(user)
    }
  }

  async #turn(user: string, signal: AbortSignal): Promise<void> {
    const { maxWaiting, maxWaitingPerUser } = this.#limits
    const line = this.#lines.get(user) ?? new Set()
    if (this.#waiting >= maxWaiting || line.size >= maxWaitingPerUser) {
      throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    line.add(resolve)
    this.#lines.set(user, line)
    this.#waiting++
    if (this.#hasPlace(user)) this.#next.add(user)
    const leave = () => {
      if (!line.delete(resolve)) return
      this.#waiting--
      if (line.size === 0) this.#forget(user)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  #mayBegin(user: string): boolean {
    return this.#running < this.#limits.atOnce && this.#hasPlace(user)
  }

  #hasPlace(user: string): boolean {
    const { atOncePerUser = Infinity } = this.#limits
    return this.#runningOf.of(user) < atOncePerUser
  }

  #begin(user: string): void {
    this.#running++
    this.#runningOf.add(user)
  }

  #end(user: string): void {
    this.#running--
    this.#runningOf.remove(user)
    if (this.#lines.has(user)) this.#next.add(user)
    this.#beginNext()
  }

  /** Takes the slot now, before the waiting work wakes, so that nothing else takes it. */
  #beginNext(): void {
    const [user] = this.#next
    const line = user === undefined ? undefined : this.#lines.get(user)
    if (user === undefined || !line) return
    const [next] = line
    if (!next) throw new Error('Unable to pass on a turn; the waiting user has no work')
    this.#next.delete(user)
    line.delete(next)
    this.#waiting--
    this.#begin(user)
    if (line.size === 0) this.#forget(user)
    else if (this.#hasPlace(user)) this.#next.add(user)
    next()
  }

  #forget(user: string): void {
    this.#lines.delete(user)
    this.#next.delete(user)
  }
}
