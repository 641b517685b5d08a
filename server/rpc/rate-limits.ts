import { setTimeout as sleep } from 'node:timers/promises'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { type Bus, type BusMessage, type CallsCounted, NODES_CHANNEL, type Unsubscribe } from '../bus/bus.ts'
import { ChatError } from '../errors/chat-error.ts'
import { FairTurns } from '../lib/fair-turns.ts'
import { userKey } from '../lib/keys.ts'
import { KeyedBuckets } from '../transport/keyed-buckets.ts'
import type { Rate } from '../transport/token-bucket.ts'
import { answerSize } from './answer-size.ts'
import type { Session } from './context.ts'

interface Limit {
  /** Calls of one user. */
  calls: number
  /** In so many seconds, from the first of them on. */
  perSeconds: number
}

/** How often one user may call what; a procedure that is not named has the limit of its kind. */
export const RATE_LIMITS = {
  // Also for what COUNTED_AS counts as one.
  'message.send': { calls: 60, perSeconds: 10 },
  'typing.set': { calls: 30, perSeconds: 10 },
  'room.create': { calls: 30, perSeconds: 60 },
  'room.direct': { calls: 60, perSeconds: 60 },
  'room.settings': { calls: 30, perSeconds: 10 },
  // It walks along what it marks.
  'receipt.markUnread': { calls: 30, perSeconds: 10 },
  // These two are where codes could be guessed.
  'room.join': { calls: 30, perSeconds: 60 },
  'invite.preview': { calls: 30, perSeconds: 60 },
  'invite.create': { calls: 30, perSeconds: 60 },
  'room.sync': { calls: 60, perSeconds: 10 },
  'member.add': { calls: 60, perSeconds: 60 },
  'report.create': { calls: 30, perSeconds: 60 },
  'wordFilter.update': { calls: 30, perSeconds: 60 },
  'user.list': { calls: 60, perSeconds: 10 },
  'room.discover': { calls: 60, perSeconds: 10 },
  'message.search': { calls: 60, perSeconds: 10 },
  'auth.refresh': { calls: 30, perSeconds: 60 },
  mutation: { calls: 200, perSeconds: 10 },
  query: { calls: 500, perSeconds: 10 },
  // As many streams as a user can have, begun twice: tabs that connect again, several times a minute.
  subscription: { calls: 512, perSeconds: 10 },
} as const satisfies Record<string, Limit>

/** Bytes of large answers that one user may ask for: as many as small ones within the limit of queries. */
export const ANSWER_RATE: Rate = { perSecond: 768 << 10, burst: 8 << 20 }

/** Who owes more comes back later: a line of waiting calls moves, and a request that says nothing for a minute is cut. */
const MAX_OWED_MS = 10_000

/** An answer up to this size is paid for by its call. */
const SMALL_ANSWER_BYTES = 16 << 10

type Kind = keyof typeof RATE_LIMITS

/** What puts words into a room is a send, whatever it is called: all of it shares one limit. */
const COUNTED_AS: ReadonlyMap<string, Kind> = new Map([
  ['message.forward', 'message.send'],
  ['message.edit', 'message.send'],
  ['schedule.create', 'message.send'],
])

const isKind = (name: string): name is Kind => name in RATE_LIMITS

function kindOf(path: string, type: string): Kind {
  if (isKind(path)) return path
  return COUNTED_AS.get(path) ?? (isKind(type) ? type : 'query')
}

/** Users are, over every transport. */
export const isCounted = ({ role, origin }: Session): boolean => role !== 'service' && origin !== 'process'

/** A node tells the others of a user's calls by this share of the limit. */
const SHARE_TOLD = 0.1
const GATHER_MS = 100
/** What is not worth telling is forgotten: no window of a busy user is much longer. */
const FORGET_MS = 10_000
const COUNTS_A_MESSAGE = 500
/** Beyond it the oldest is forgotten: of that user's calls each node counts its own for the moment. */
const MAX_UNPUBLISHED = 20_000
/** What is told at a time. Beyond it a share is not told, with the same effect. */
const MAX_OUTGOING = 5_000

/** The nodes that count together with this one, called `node`. */
export interface PeerNodes {
  bus: Bus
  node: string
}

/**
 * Counts calls by user and kind, in the memory of this process: no call waits for anything. Where there are several nodes, each tells the
 * others of what a user has called there, by tenths of the limit; so over all nodes together a user has the limit, and at most a
 * tenth more for each further node. With Redis away every node has the limit for itself. Services and callers in process are not
 * counted.
 *
 * Large answers are charged by their size: a hundred long messages cost a hundred times what the name of a room does. Replays are
 * charged as well. What they overdraw is paid off in time before the user's next query, stream or page of a replay begins; mutations are
 * not held up by it. Each node charges its own.
 */
export class RateLimits {
  readonly #limits = new Map<Kind, { limiter: RateLimiterMemory; share: number }>()
  readonly #answerRate: Rate
  /** By user, bytes of answers. */
  readonly #answers = new KeyedBuckets()
  readonly #debtors = new FairTurns({
    atOnce: Infinity,
    atOncePerUser: 1,
    maxWaiting: 10_000,
    maxWaitingPerUser: 1_000,
  })
  /** Bounded by the queries and streams that users may have under way. */
  readonly #writing = new FairTurns({ atOnce: 1, maxWaiting: Infinity, maxWaitingPerUser: Infinity })
  readonly #peers: PeerNodes | undefined
  /** Calls that the others don't know of, below a share, at most MAX_UNPUBLISHED; forgotten every 10 s. */
  readonly #unpublished = new Map<string, number>()
  #forgetAt = 0
  /** At most MAX_OUTGOING. */
  #outgoing: CallsCounted['counts'] = []
  #gathering: ReturnType<typeof setTimeout> | undefined
  #unsubscribe: Unsubscribe | undefined

  constructor(peers?: PeerNodes, limits: Record<Kind, Limit> = RATE_LIMITS, answerRate: Rate = ANSWER_RATE) {
    this.#peers = peers
    this.#answerRate = answerRate
    for (const [kind, { calls, perSeconds }] of Object.entries(limits)) {
      if (!isKind(kind)) continue
      const limiter = new RateLimiterMemory({ points: calls, duration: perSeconds })
      this.#limits.set(kind, { limiter, share: Math.ceil(calls * SHARE_TOLD) })
    }
  }

  async start(): Promise<void> {
    const { bus } = this.#peers ?? {}
    this.#unsubscribe ??= await bus?.subscribe(NODES_CHANNEL, (message) => this.#receive(message))
  }

  close(): void {
    clearTimeout(this.#gathering)
    this.#unsubscribe?.()
  }

  /** @throws ChatError RATE_LIMITED with the time to wait */
  async count(session: Session, path: string, type: string): Promise<void> {
    if (!isCounted(session)) return
    const kind = kindOf(path, type)
    const limit = this.#limits.get(kind)
    if (!limit) return
    const key = userKey(session)
    try {
      await limit.limiter.consume(key)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      throw new ChatError('RATE_LIMITED', { retryAfterMs: Math.max(1, error.msBeforeNext) })
    }
    if (this.#peers) this.#countForPeers(kind, key, limit.share)
  }

  /**
   * Resolves when the user has paid for earlier answers, with what to call once this one is answered; undefined where nothing is owed.
   * Those who owe have one query answered at a time, so that each waits for what the one before it cost.
   * @throws ChatError RATE_LIMITED where that would take too long; the signal's reason
   */
  async payOff(session: Session, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (!isCounted(session)) return undefined
    const key = userKey(session)
    const bucket = this.#answers.find(key)
    if (!bucket || bucket.take(0) === 0) return undefined
    const done = await this.#debtors.take(key, signal)
    try {
      const owedMs = Math.ceil(bucket.take(0))
      if (owedMs > MAX_OWED_MS) throw new ChatError('RATE_LIMITED', { retryAfterMs: owedMs })
      await sleep(owedMs, undefined, { signal })
      return done
    } catch (error) {
      done()
      // What sleeps is woken with an error of its own.
      signal.throwIfAborted()
      throw error
    }
  }

  /** Charges the user for what a stream begins with, or replays from the ring. True where it is large. */
  charge(session: Session, answer: unknown): boolean {
    if (!isCounted(session)) return false
    const bytes = answerSize(answer)
    if (bytes <= SMALL_ANSWER_BYTES) return false
    this.#answers.of(userKey(session), this.#answerRate).take(bytes)
    return true
  }

  /**
   * Charges the user for what a query answers, or a replay reads from the database. Resolves when that may be sent: to write a large answer takes
   * milliseconds, so one is written at a time, and then all else has the event loop for as long. @throws the signal's reason
   */
  async chargeInTurn(session: Session, answer: unknown, signal: AbortSignal): Promise<void> {
    if (!this.charge(session, answer)) return
    const done = await this.#writing.take(userKey(session), signal)
    const begunAt = performance.now()
    setImmediate(() => setTimeout(done, performance.now() - begunAt))
  }

  #countForPeers(kind: Kind, key: string, share: number): void {
    const now = performance.now()
    if (now > this.#forgetAt) {
      this.#unpublished.clear()
      this.#forgetAt = now + FORGET_MS
    }
    const name = `${kind} ${key}`
    const calls = (this.#unpublished.get(name) ?? 0) + 1
    if (calls < share) {
      this.#unpublished.set(name, calls)
      const [oldest] = this.#unpublished.size > MAX_UNPUBLISHED ? this.#unpublished.keys() : []
      if (oldest !== undefined) this.#unpublished.delete(oldest)
      return
    }
    this.#unpublished.delete(name)
    if (this.#outgoing.length < MAX_OUTGOING) this.#outgoing.push([kind, key, calls])
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      const counts = this.#outgoing
      this.#outgoing = []
      this.#publish(counts)
    }, GATHER_MS).unref()
  }

  #publish(all: CallsCounted['counts']): void {
    if (!this.#peers) return
    const { bus, node } = this.#peers
    for (let from = 0; from < all.length; from += COUNTS_A_MESSAGE) {
      const counts = all.slice(from, from + COUNTS_A_MESSAGE)
      bus.publish(NODES_CHANNEL, { type: 'calls.counted', node, counts })
    }
  }

  #receive(message: BusMessage): void {
    if (message.type !== 'calls.counted' || message.node === this.#peers?.node) return
    for (const [kind, key, calls] of message.counts) {
      if (isKind(kind)) void this.#limits.get(kind)?.limiter.penalty(key, calls)
    }
  }
}
