import { ChatError } from '../errors/chat-error.ts'
import { FairTurns } from '../lib/fair-turns.ts'
import { userKey } from '../lib/keys.ts'
import { KeyedCount } from '../transport/keyed-count.ts'
import type { CallSource, Session } from './context.ts'
import type { RateLimits } from './rate-limits.ts'

export interface StreamLimits {
  /** Open streams of one user, over all transports together. */
  perUser: number
  perService: number
  /** Streams that begin at the same time, and those of one user among them: they check rights and read their first event. The others wait. */
  beginAtOnce: number
  beginAtOncePerUser?: number
}

/** A stream or connection becomes free only when the user closes one, so a retry at once is of no use. */
const RETRY_AFTER_MS = 5_000

/** Streams of all users that wait to begin. */
const MAX_WAITING = 20_000

/** Ends the turn of a stream that begins. Only the first call counts. */
export type Begun = (first?: unknown) => void

/** A stream that is counted from the call that asks for it until it is closed. */
export interface OpenStream {
  /**
   * Resolves when its user has paid for earlier answers and it is its turn to begin; undefined if it ended before. The function that
   * it resolves with is called with the first event, and when the stream is over. @throws ChatError RATE_LIMITED
   */
  turn(): Promise<Begun | undefined>
  /** Counts it no more. Idempotent. */
  close(): void
}

/**
 * Counts the streams of this node by user, over all transports, and gives them turns to begin. A request that is answered by a
 * stream is a connection of its own and counts as one too. Callers in process are not counted and wait for nobody.
 */
export class OpenStreams {
  readonly #limits: StreamLimits
  readonly #streams = new KeyedCount()
  readonly #connections: KeyedCount
  readonly #maxConnections: number
  readonly #turns: FairTurns
  readonly #rateLimits: RateLimits | undefined

  /** @param connections the connections of each user by `userKey`, which the WebSocket transport counts as well */
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
   * Counts one more stream until it is closed or `ends` aborts. The signal frees a stream that nobody reads, which never ends by
   * itself.
   * @throws ChatError RATE_LIMITED if the user has too many streams or connections
   */
  open(session: Session, source: CallSource | undefined, ends: AbortSignal): OpenStream {
    if (session.origin === 'process') return { turn: async () => doNothing, close: doNothing }
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

const doNothing = () => undefined

function count(counts: KeyedCount, key: string, max: number, what: string): () => void {
  const release = () => counts.remove(key)
  if (counts.add(key) <= max) return release
  release()
  const message = `Unable to open another stream; this user has ${max} ${what}, close one first`
  throw new ChatError('RATE_LIMITED', { message, retryAfterMs: RETRY_AFTER_MS })
}
