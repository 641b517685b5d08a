import { ChatError } from '../rpc/chat-error.ts'

/** Of one user's searches, how many run at a time. */
const USER_AT_ONCE = 2
/** Searches that wait, of one user and of all; more are refused, to be tried again shortly. */
const USER_WAITING = 32
const MAX_WAITING = 1_000
const RETRY_AFTER_MS = 500

interface TurnLimits {
  /** Searches that run at a time: each has a connection to the database. */
  atOnce: number
  userWaiting?: number
  maxWaiting?: number
}

/** A quarter of the pool: the others' calls keep finding a connection, however many search. */
export const searchesAtOnce = (poolSize: number): number => Math.max(1, Math.floor(poolSize / 4))

/**
 * The searches of this process: so many at a time, the others wait. Users take turns, each with its own searches in the order in which
 * they came, so that somebody with many of them holds up nobody else.
 */
export class SearchTurns {
  readonly #limits: Required<TurnLimits>
  #running = 0
  readonly #runningOf = new Map<string, number>()
  #waiting = 0
  /** By user, in the order of their turns. No user is there without a search that waits. */
  readonly #waitingOf = new Map<string, Set<() => void>>()

  constructor({ atOnce, userWaiting = USER_WAITING, maxWaiting = MAX_WAITING }: TurnLimits) {
    this.#limits = { atOnce, userWaiting, maxWaiting }
  }

  /** Runs a search when it is its turn. @throws ChatError RATE_LIMITED; the signal's reason, if it aborts before that */
  async run<T>(user: string, signal: AbortSignal, search: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#mayBegin(user)) this.#begin(user)
    else await this.#turn(user, signal)
    try {
      return await search()
    } finally {
      this.#end(user)
    }
  }

  #mayBegin(user: string): boolean {
    return this.#running < this.#limits.atOnce && (this.#runningOf.get(user) ?? 0) < USER_AT_ONCE
  }

  #begin(user: string): void {
    this.#running++
    this.#runningOf.set(user, (this.#runningOf.get(user) ?? 0) + 1)
  }

  #end(user: string): void {
    this.#running--
    const running = (this.#runningOf.get(user) ?? 0) - 1
    if (running > 0) this.#runningOf.set(user, running)
    else this.#runningOf.delete(user)
    this.#beginNext()
  }

  async #turn(user: string, signal: AbortSignal): Promise<void> {
    const own = this.#waitingOf.get(user) ?? new Set()
    if (this.#waiting >= this.#limits.maxWaiting || own.size >= this.#limits.userWaiting) {
      throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      if (own.has(resolve)) this.#remove(user, own, resolve)
      reject(signal.reason)
    }
    own.add(resolve)
    this.#waitingOf.set(user, own)
    this.#waiting++
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** The first user who may begin another one; at most as many are passed over as run at a time. */
  #beginNext(): void {
    for (const [user, own] of this.#waitingOf) {
      if (!this.#mayBegin(user)) continue
      const [next] = own
      if (!next) throw new Error('A user waits without a search')
      this.#remove(user, own, next)
      if (own.size > 0) {
        this.#waitingOf.delete(user)
        this.#waitingOf.set(user, own)
      }
      // Begun here and not when it wakes, so that nobody else takes the place.
      this.#begin(user)
      next()
      return
    }
  }

  #remove(user: string, own: Set<() => void>, one: () => void): void {
    own.delete(one)
    this.#waiting--
    if (own.size === 0) this.#waitingOf.delete(user)
  }
}
