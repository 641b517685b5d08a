import type { LogEvent, RoomLogEvent } from '../../../shared/room-event.ts'
import type { LogFill } from '../room-log.ts'
import { FeedEvent } from './feed-event.ts'

/*
 * A room's live log on this node: the recent events, contiguous. Every subscriber on this node is served from it.
 *
 *   idle      nobody has started it; events from the bus wait in `early`
 *   live      events that follow the head are appended; an event from further ahead waits up to 20 ms for its predecessor
 *   filling   one read of the log is in progress; events from the bus wait in `early`
 *
 * An event covers `(prev, seq]`. For a head h, an event is next if `prev <= h < seq`, a repeat if `seq <= h`, and early if `prev
 * > h`. An interval can therefore be filled by one compacted row or by the original events.
 */
type Mode = 'idle' | 'live' | 'filling'

export interface FeedListener {
  /** These events were appended. Must return at once. */
  onEvents(events: FeedEvent[]): void
  /** The feed no longer has the events after the listener's position: its head has moved, or its history was replaced. */
  onRestart(): void
}

export interface FeedOptions {
  readLog: (after: number) => Promise<LogFill | undefined>
  /** The number of bytes held by rings changed. */
  onResize: (change: number) => void
  reorderMs: number
  maxEvents: number
  maxBytes: number
}

/** Bound on early events that a feed keeps. Further ones are dropped and the fill reads them from the log. */
const MAX_EARLY = 1_000
const TRIM_TO = 0.9

export class RoomFeed {
  readonly #options: FeedOptions
  #mode: Mode = 'idle'
  #epoch = ''
  /** Contiguous: each event's prev is at or below the seq before it, the first one's at or below `#from`. */
  #ring: FeedEvent[] = []
  #from = 0
  #head = 0
  #bytes = 0
  /** The size last reported to the hub. */
  #reportedBytes = 0
  /** Number of restarts. */
  #life = 0
  /** Events of another epoch are dropped once the feed knows its own: they belong to another history and only hint at a read. */
  #early: { epoch: string; event: RoomLogEvent }[] = []
  #reorderTimer: ReturnType<typeof setTimeout> | undefined
  readonly #listeners = new Set<FeedListener>()
  #isClosed = false
  lastUsed = 0

  constructor(options: FeedOptions) {
    this.#options = options
  }

  get epoch(): string {
    return this.#epoch
  }

  get head(): number {
    return this.#head
  }

  get isStarted(): boolean {
    return this.#mode !== 'idle'
  }

  /** Starts at a head that was read from the database after subscribing to the bus. */
  start(epoch: string, head: number): void {
    if (this.#mode !== 'idle') return this.learnHead(epoch, head)
    this.#restartAt(epoch, head)
    this.#enter('live')
    this.#drainEarly()
  }

  /** Takes an event from the bus. It is a hint: it may be early, late or repeated. */
  receive(epoch: string, event: RoomLogEvent): void {
    if (this.#isClosed || (this.isStarted && event.seq <= this.#head && epoch === this.#epoch)) return
    if (this.isStarted && epoch !== this.#epoch) return this.#awaitPredecessor()
    if (this.#mode === 'live' && event.prev <= this.#head) {
      this.#append([event])
      this.#drainEarly()
      return
    }
    if (this.#early.length < MAX_EARLY) this.#early.push({ epoch, event })
    if (this.#mode === 'live') this.#awaitPredecessor()
  }

  /**
   * Takes the room's head as the database has it, which reveals events that the bus lost. A head below the feed's own may come
   * from an older read. A head below `headBefore`, the feed's head when the read began, means that the log was replaced by an
   * earlier state.
   */
  learnHead(epoch: string, head: number, headBefore = 0): void {
    if (this.#isClosed || !this.isStarted) return
    if (epoch !== this.#epoch || head < headBefore) {
      this.#restartAt(epoch, head)
      this.#tellRestart()
    } else if (head > this.#head) {
      this.#awaitPredecessor()
    }
  }

  /** The events after a seq; undefined if the ring does not reach back to it. */
  after(seq: number): FeedEvent[] | undefined {
    if (seq < this.#from) return undefined
    if (seq >= this.#head) return []
    return this.#ring.slice(this.#ring.findLastIndex((event) => event.seq <= seq) + 1)
  }

  listen(listener: FeedListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Drops the recent events. Subscribers that are behind read from the database. */
  dropRing(): void {
    this.#restartAt(this.#epoch, this.#head)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#reorderTimer)
    this.#restartAt(this.#epoch, this.#head)
    this.#early = []
  }

  #enter(mode: Mode): void {
    this.#mode = mode
  }

  #awaitPredecessor(): void {
    this.#reorderTimer ??= setTimeout(() => {
      this.#reorderTimer = undefined
      void this.#fill()
    }, this.#options.reorderMs)
  }

  /** Reads the missing events from the log, one read at a time. A failed read is retried by the next hint or poll. */
  async #fill(): Promise<void> {
    if (this.#mode !== 'live' || this.#isClosed) return
    this.#enter('filling')
    const life = this.#life
    const fill = await this.#options.readLog(this.#head).catch(() => undefined)
    this.#enter('live')
    if (this.#isClosed || !fill) return
    // The feed restarted during the read: the rows follow another head.
    if (life !== this.#life) return this.#drainEarly()
    if (fill.events && fill.epoch === this.#epoch) {
      this.#append(fill.events)
    } else {
      this.#restartAt(fill.epoch, fill.lastSeq)
      this.#tellRestart()
    }
    this.#drainEarly()
  }

  #drainEarly(): void {
    const early = this.#early.sort((a, b) => a.event.seq - b.event.seq)
    this.#early = []
    for (const each of early) {
      if (each.epoch !== this.#epoch) this.#awaitPredecessor()
      else if (each.event.seq <= this.#head) continue
      else if (each.event.prev <= this.#head) this.#append([each.event])
      else this.#early.push(each)
    }
    if (this.#early.length > 0) this.#awaitPredecessor()
  }

  #append(logged: LogEvent[]): void {
    if (logged.length === 0) return
    const events = logged.map((event) => new FeedEvent(event, this.#epoch))
    for (const event of events) {
      if (event.log.type === 'message.deleted') this.#blank(event.log.message.id)
      this.#ring.push(event)
      this.#bytes += sizeOf(event.log)
      this.#head = event.seq
    }
    this.#trim()
    // The hub may drop this ring now. Head and ring agree, so subscribers that are behind read from the database.
    this.#report()
    for (const listener of this.#listeners) listener.onEvents(events)
  }

  /** Deleted content leaves memory at once, including from events that are yet to be replayed. */
  #blank(messageId: string): void {
    this.#ring = this.#ring.map((event) => {
      const { log } = event
      if (!('message' in log) || log.message.id !== messageId) return event
      const blank = { ...log, message: { ...log.message, content: '', attachments: [], mentions: [], meta: {} } }
      this.#bytes += sizeOf(blank) - sizeOf(log)
      return new FeedEvent(blank, this.#epoch)
    })
  }

  /** A full ring drops a tenth of its events at once, which spreads the cost of moving the rest. */
  #trim(): void {
    const { maxEvents, maxBytes } = this.#options
    if (this.#ring.length <= maxEvents && this.#bytes <= maxBytes) return
    let count = 0
    while (this.#ring.length - count > Math.ceil(maxEvents * TRIM_TO) || this.#bytes > maxBytes * TRIM_TO) {
      const oldest = this.#ring[count]
      if (!oldest) break
      this.#from = oldest.seq
      this.#bytes -= sizeOf(oldest.log)
      count++
    }
    this.#ring.splice(0, count)
  }

  #restartAt(epoch: string, head: number): void {
    this.#life++
    this.#epoch = epoch
    this.#ring = []
    this.#bytes = 0
    this.#from = head
    this.#head = head
    this.#report()
  }

  #tellRestart(): void {
    for (const listener of this.#listeners) listener.onRestart()
  }

  #report(): void {
    const change = this.#bytes - this.#reportedBytes
    this.#reportedBytes = this.#bytes
    if (change !== 0) this.#options.onResize(change)
  }
}

/** Approximate memory of an event, including its serialized text. */
export const sizeOf = (event: LogEvent): number => {
  if (!('message' in event)) return 1_200
  const { content, meta } = event.message
  return 1_200 + 4 * (content.length + JSON.stringify(meta).length)
}
