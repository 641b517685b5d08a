import { KeyedCount } from '../transport/keyed-count.ts'
import { ChatError } from './chat-error.ts'
import type { CallSource, Session } from './context.ts'
import { FairTurns } from './fair-turns.ts'
import type { RateLimits } from './rate-limits.ts'
import { userKey } from './user-key.ts'

export interface StreamLimits {
  /** Streams of one user at a time, over all transports together. */
  perUser: number
  perService: number
  /** Streams that begin at a time, and of one user: they check rights and read what comes first. The others wait. */
  beginAtOnce: number
  beginAtOncePerUser?: number
}

/** Nothing of a user's becomes free of itself: who has too much closes something first. */
const RETRY_AFTER_MS = 5_000

/** One for all users' streams. */
const MAX_WAITING = 20_000

/** Only the first call counts. */
export type Begun = (first?: unknown) => void

/** A stream that is counted: it waits for its turn to begin, and is over once. */
export interface OpenStream {
  /**
   * Resolves when it may begin: when its user has paid for earlier answers, and it is its turn. What it resolves with is to be called
   * with the first event, and when the stream is over; undefined where it ended before. @throws ChatError RATE_LIMITED
   */
  turn(): Promise<Begun | undefined>
  close(): void
}

/**
 * The streams of this node by user, whatever transport they came over, and the turns in which they begin. A request that is answered by
 * a stream is a connection of its own and counts as one too. Callers in process are not counted and wait for nobody.
 */
export class OpenStreams {
  readonly #limits: StreamLimits
  readonly #streams = new KeyedCount()
  readonly #connections: KeyedCount
  readonly #maxConnections: number
  readonly #turns: FairTurns
  readonly #rateLimits: RateLimits | undefined

  /** @param connections those of each user by `userKey`, which the WebSocket transport counts as well */
  constructor(
    limits: StreamLimits,
    {
      connections,
      maxConnections = Infinity,
      rateLimits,
    }: { connections: KeyedCount; maxConnections?: number | undefined; rateLimits?: RateLimits | undefined },
  ) {
    this.#limits = limits
    this.#rateLimits = rateLimits
    this.#connections = connections
    this.#maxConnections = maxConnections
    const { beginAtOnce: atOnce, beginAtOncePerUser: atOncePerUser = atOnce, perService } = limits
    this.#turns = new FairTurns({ atOnce, atOncePerUser, maxWaiting: MAX_WAITING, maxWaitingPerUser: perService })
  }

  /**
   * One more stream, until it is closed or `ends` aborts: also one that nobody ever reads, whose own end never comes.
   * @throws ChatError RATE_LIMITED where the user has as many as there may be
   */
  open(session: Session, source: CallSource | undefined, ends: AbortSignal): OpenStream {
    if (session.origin === 'process') return { turn: async () => nothing, close: nothing }
    const key = userKey(session)
    const { perUser, perService } = this.#limits
    const isService = session.role === 'service'
    const counts = [count(this.#streams, key, isService ? perService : perUser, 'streams')]
    try {
      if (source?.requestId !== undefined)
        counts.push(count(this.#connections, key, this.#maxConnections, 'connections'))
    } catch (error) {
      for (const release of counts) release()
      throw error
    }
    const close = () => {
      ends.removeEventListener('abort', close)
      for (const release of counts.splice(0)) release()
    }
    if (ends.aborted) close()
    else ends.addEventListener('abort', close, { once: true })
    return { turn: () => this.#turn(session, ends), close }
  }

  async #turn(session: Session, ends: AbortSignal): Promise<Begun | undefined> {
    let paid: (() => void) | undefined
    try {
      paid = await this.#rateLimits?.payOff(session, ends)
      const begun = await this.#turns.take(userKey(session), ends)
      return (first) => {
        begun()
        if (first !== undefined) this.#rateLimits?.charge(session, first)
        paid?.()
      }
    } catch (error) {
      paid?.()
      if (ends.aborted) return undefined
      throw error
    }
  }
}

const nothing = () => undefined

function count(counts: KeyedCount, key: string, max: number, what: string): () => void {
  const release = () => counts.remove(key)
  if (counts.add(key) <= max) return release
  release()
  const message = `Unable to open another stream; this user has ${max} ${what}, close one first`
  throw new ChatError('RATE_LIMITED', { message, retryAfterMs: RETRY_AFTER_MS })
}
