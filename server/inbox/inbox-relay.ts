import type { InboxEvent, InboxMark, InboxMessage } from '../../shared/inbox.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import type { FeedEvent } from '../log/live/feed-event.ts'
import type { RoomFeed } from '../log/live/room-feed.ts'
import { LiveEvent } from '../transport/live-stream.ts'
import { toInboxEvent } from './inbox-event.ts'

export interface InboxListener {
  /** The event itself, immediately and in order. */
  onLog(event: LogEvent): void
  /** The inbox event made from it: the same bytes for all listeners, with the seq of the (latest) message if it is about one. */
  onTold(event: LiveEvent<InboxEvent>, messageSeq: number | undefined): void
  onRestart(): void
}

/** Message events per second. Further messages are gathered into one event. */
const PER_SECOND = 10
/** Messages in one event. */
const MAX_GATHERED = 200

/**
 * Turns one room's events into inbox events, each made once for all inboxes on this node. Up to ten messages in a row are
 * announced at once. Beyond ten a second, the messages of the next tenth of a second become one event, which holds the latest
 * message and the senders of the earlier ones. Other events are never delayed, but follow the messages gathered before them.
 */
export class InboxRelay {
  readonly #feed: RoomFeed
  readonly #listeners = new Set<InboxListener>()
  #unlisten: (() => void) | undefined
  /** Messages that may be announced immediately, as of `#allowedAt`. */
  #allowance = PER_SECOND
  #allowedAt = performance.now()
  #gathered: InboxMessage[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(feed: RoomFeed) {
    this.#feed = feed
  }

  listen(listener: InboxListener): () => void {
    this.#listeners.add(listener)
    this.#unlisten ??= this.#feed.listen({
      onEvents: (events) => this.#receive(events),
      onRestart: () => this.#restart(),
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#unlisten?.()
      this.#unlisten = undefined
      this.#clear()
    }
  }

  #receive(events: FeedEvent[]): void {
    for (const { log } of events) {
      const told = toInboxEvent(log)
      // A wider interval causes a recount, which must not be overtaken by earlier messages.
      const isMessage = told?.type === 'message' && log.seq - log.prev === 1
      if (isMessage && (this.#gathered.length > 0 || !this.#mayTell())) {
        for (const listener of this.#listeners) listener.onLog(log)
        this.#gather(told)
        continue
      }
      this.#flush()
      const live = told && new LiveEvent(told)
      const messageSeq = 'message' in log ? log.message.seq : undefined
      for (const listener of this.#listeners) {
        listener.onLog(log)
        if (live && this.#listeners.has(listener)) listener.onTold(live, messageSeq)
      }
    }
  }

  #mayTell(): boolean {
    this.#refill()
    if (this.#allowance < 1) return false
    this.#allowance -= 1
    return true
  }

  #refill(): void {
    const now = performance.now()
    this.#allowance = Math.min(PER_SECOND, this.#allowance + ((now - this.#allowedAt) / 1_000) * PER_SECOND)
    this.#allowedAt = now
  }

  #gather(message: InboxMessage): void {
    this.#gathered.push(message)
    if (this.#gathered.length >= MAX_GATHERED) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), 1_000 / PER_SECOND).unref()
  }

  #flush(): void {
    const earlier = this.#gathered.map(markOf)
    const latest = this.#gathered.at(-1)
    this.#clear()
    if (!latest) return
    this.#refill()
    this.#allowance = Math.max(0, this.#allowance - 1)
    earlier.pop()
    const told = new LiveEvent<InboxEvent>(earlier.length > 0 ? { ...latest, earlier } : latest)
    for (const listener of this.#listeners) listener.onTold(told, latest.seq)
  }

  #clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#gathered = []
  }

  /** Makes every inbox recount the room. */
  #restart(): void {
    this.#clear()
    for (const listener of this.#listeners) listener.onRestart()
  }
}

const markOf = ({ seq, ordinal, senderId, mentions, mentionsRoom, isOnBehalf }: InboxMessage): InboxMark => ({
  seq,
  ordinal,
  senderId,
  mentions,
  mentionsRoom,
  isOnBehalf,
})

/** The relays of the rooms that have an inbox on this node: one per feed, for as long as the feed lives. */
export class InboxRelays {
  readonly #relays = new WeakMap<RoomFeed, InboxRelay>()

  of(feed: RoomFeed): InboxRelay {
    const relay = this.#relays.get(feed) ?? new InboxRelay(feed)
    this.#relays.set(feed, relay)
    return relay
  }
}
