import { ChatError } from '../errors/chat-error.ts'
import { KeyedCount } from '../transport/keyed-count.ts'

const RETRY_AFTER_MS = 500

export interface TurnLimits {
  atOnce: number
  /** Of one user; as many as of all unless given. */
  atOncePerUser?: number
  /** How many wait, over all users and of one; more are refused, to be tried again shortly. */
  maxWaiting: number
  maxWaitingPerUser: number
}

/**
 * Work that is done so many at a time. The others wait, and turns go round the users who wait, each user's own work in the order in
 * which it came: however much one user asks for, another user's first is next but for the users before it.
 */
export class FairTurns {
  readonly #limits: TurnLimits
  #running = 0
  /** By user. */
  readonly #runningOf = new KeyedCount()
  #waiting = 0
  /** Who waits, in the order of their next turns; nobody's line is empty. Bounded by `maxWaiting`. */
  readonly #lines = new Map<string, Set<() => void>>()

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Does the work when it is the user's turn. @throws ChatError RATE_LIMITED; the signal's reason */
  async run<T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = await this.take(user, signal)
    try {
      return await work()
    } finally {
      done()
    }
  }

  /** Resolves when it is the user's turn, with the way to pass it on; only the first call of that counts. @throws as `run` */
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
    const leave = () => {
      if (!line.delete(resolve)) return
      this.#waiting--
      if (line.size === 0 && this.#lines.get(user) === line) this.#lines.delete(user)
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
    const { atOnce, atOncePerUser = atOnce } = this.#limits
    return this.#running < atOnce && this.#runningOf.of(user) < atOncePerUser
  }

  #begin(user: string): void {
    this.#running++
    this.#runningOf.add(user)
  }

  #end(user: string): void {
    this.#running--
    this.#runningOf.remove(user)
    this.#beginNext()
  }

  /** The first user who may begin another; the place is taken here and not when that wakes, so that nobody else takes it. */
  #beginNext(): void {
    for (const [user, line] of this.#lines) {
      if (!this.#mayBegin(user)) continue
      const [next] = line
      if (!next) throw new Error('A user waits with nothing to do')
      line.delete(next)
      this.#waiting--
      this.#lines.delete(user)
      if (line.size > 0) this.#lines.set(user, line)
      this.#begin(user)
      next()
      return
    }
  }
}
