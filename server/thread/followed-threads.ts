import type { LogEvent } from '../../shared/room-event.ts'
import type { ThreadCounts } from '../../shared/thread.ts'
import type { Services, Session } from '../rpc/context.ts'
import { countFollowedThreads } from './thread-read.ts'

/** How often one inbox counts at most. */
const INTERVAL_MS = 1_000

/**
 * The total unread of an inbox's followed threads. It is counted again when something happened in one of them, at most once a second.
 * The ids of the followed threads are kept; for a user who follows more than a thousand, any reply may belong to one.
 */
export class FollowedThreads {
  readonly #services: Pick<Services, 'database'>
  readonly #session: Session
  readonly #wake: () => void
  #ids = new Set<string>()
  #areMore = false
  #counts: ThreadCounts = { unread: 0, mentions: 0 }
  #isStale = false
  #countedAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `wake` is called when there is something to be counted. */
  constructor(services: Pick<Services, 'database'>, session: Session, wake: () => void) {
    this.#services = services
    this.#session = session
    this.#wake = wake
  }

  noteEvent(event: LogEvent): void {
    if ('message' in event && this.#concerns(event)) this.note()
  }

  /** Notes a change in a followed thread, or in the list of rooms. */
  note(): void {
    this.#isStale = true
    if (this.#timer) return
    const wait = this.#countedAt + INTERVAL_MS - performance.now()
    if (wait <= 0) return this.#wake()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#wake()
    }, wait).unref()
  }

  /** The counts as they are now. */
  async read(): Promise<ThreadCounts> {
    this.#isStale = false
    this.#countedAt = performance.now()
    try {
      const { counts, threadIds, areMore } = await countFollowedThreads(this.#services.database.db, this.#session)
      this.#ids = new Set(threadIds)
      this.#areMore = areMore
      this.#counts = counts
      return counts
    } catch (error) {
      this.#isStale = true
      throw error
    }
  }

  /** The counts, where they changed and may be read again. */
  async changes(): Promise<ThreadCounts | undefined> {
    if (!this.#isStale || this.#timer) return undefined
    const { unread, mentions } = this.#counts
    const now = await this.read()
    return now.unread === unread && now.mentions === mentions ? undefined : now
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #concerns({ message }: Extract<LogEvent, { message: unknown }>): boolean {
    const { threadId, senderId, mentions, thread } = message
    if (threadId === null) return thread !== null && this.#isOwn(senderId) && !this.#ids.has(message.id)
    return this.#areMore || this.#ids.has(threadId) || this.#isOwn(senderId) || mentions.some((id) => this.#isOwn(id))
  }

  #isOwn(userId: string): boolean {
    return userId === this.#session.userId
  }
}
