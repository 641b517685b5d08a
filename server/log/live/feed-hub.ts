import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Bus, roomChannel } from '../../bus/bus.ts'
import { readRows } from '../../db/checked-rows.ts'
import type { Database } from '../../db/database.ts'
import { isCount, isText } from '../../lib/checks.ts'
import { KeyedSubscriptions, type Opening } from '../../lib/keyed-subscriptions.ts'
import type { RoomKey } from '../../lib/keys.ts'
import type { LogFill } from '../room-log.ts'
import { RoomFeed } from './room-feed.ts'

export interface FeedHubOptions {
  /** A room's log after a seq; undefined if the room does not exist. */
  readFill(tenantId: string, roomId: string, after: number): Promise<LogFill | undefined>
  /** How long an early event waits for its predecessor. */
  reorderMs: number
  /** How long a feed outlives its last user, which lets reconnecting clients find its recent events. */
  lingerMs: number
  /** Bound on the bytes of all rings on this node. Above it, the least recently used rings are dropped. */
  maxBytes: number
}

interface Entry extends RoomKey {
  feed: RoomFeed
}

const RING_EVENTS = 1_000
const RING_BYTES = 1 << 20
const RECONCILE_SLICE = 500

/** The head of a room's log. */
const HEAD = { n: isCount, last_seq: isCount, epoch_seed: isText }

/** Database reads by the feeds since the process started. */
export interface FeedCounts {
  /** Log reads caused by a suspected gap. The gap was real, had closed meanwhile, or the read failed. */
  fills: { found: number; nothing: number; failed: number }
  /** Rooms that the poll found ahead of their feed: the bus lost the event, or has yet to deliver it. */
  finds: number
}

/**
 * The feeds of the rooms that have a subscriber on this node. A feed lives from its first user until `lingerMs` after its last.
 */
export class FeedHub {
  readonly #database: Database
  readonly #bus: Bus
  readonly #log: Logger
  readonly #options: FeedHubOptions
  readonly #entries: KeyedSubscriptions<Entry>
  readonly counts: FeedCounts = { fills: { found: 0, nothing: 0, failed: 0 }, finds: 0 }
  #bytes = 0
  #uses = 0

  constructor(database: Database, bus: Bus, log: Logger, options: FeedHubOptions) {
    this.#database = database
    this.#bus = bus
    this.#log = log
    this.#options = options
    // A feed that never started admitted nobody and is not worth keeping.
    const isWorth = ({ feed }: Entry) => feed.isStarted
    this.#entries = new KeyedSubscriptions({ ms: options.lingerMs, isWorth })
  }

  /** Number of rooms that have a feed on this node. */
  get size(): number {
    return this.#entries.size
  }

  /** Bytes held by all rings. */
  get ringBytes(): number {
    return this.#bytes
  }

  /**
   * The room's feed. Everything committed after this resolves reaches it. The feed may not be started yet: the caller then reads
   * the head and calls `start`. Every acquire needs exactly one release.
   */
  async acquire(tenantId: string, roomId: string): Promise<{ feed: RoomFeed; release: () => void }> {
    const open = () => this.#open(tenantId, roomId)
    const { value, release } = await this.#entries.acquire(roomChannel(tenantId, roomId), open)
    value.feed.lastUsed = ++this.#uses
    return { feed: value.feed, release }
  }

  /** Gives each feed its room's head from the database. Rooms are read in slices, one statement per slice. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const started = this.#entries.values().filter((entry) => entry.feed.isStarted)
    for (let from = 0; from < started.length && !signal.aborted; from += RECONCILE_SLICE) {
      await this.#reconcileSlice(started.slice(from, from + RECONCILE_SLICE))
    }
  }

  close(): void {
    this.#entries.close()
  }

  #open(tenantId: string, roomId: string): Opening<Entry> {
    const feed: RoomFeed = new RoomFeed({
      readLog: (after) => this.#fill(tenantId, roomId, after),
      onResize: (change) => {
        if (change > 0) feed.lastUsed = ++this.#uses
        this.#resize(change)
      },
      reorderMs: this.#options.reorderMs,
      maxEvents: RING_EVENTS,
      maxBytes: RING_BYTES,
    })
    const opened = this.#bus.subscribe(roomChannel(tenantId, roomId), (message) => {
      if (message.type === 'room.changed') feed.receive(message.epoch, message.event)
    })
    return { value: { tenantId, roomId, feed }, opened, close: () => feed.close() }
  }

  async #fill(tenantId: string, roomId: string, after: number): Promise<LogFill | undefined> {
    const { fills } = this.counts
    try {
      const fill = await this.#options.readFill(tenantId, roomId, after)
      if (!fill || fill.lastSeq === after) fills.nothing++
      else fills.found++
      return fill
    } catch (error) {
      fills.failed++
      this.#log.warn({ err: error, roomId }, 'unable to fill a gap in a feed; the next poll tries again')
      return undefined
    }
  }

  async #reconcileSlice(entries: Entry[]): Promise<void> {
    const headsBefore = entries.map((entry) => entry.feed.head)
    const heads = await readRows(this.#database.db, {
      row: HEAD,
      sql: sql`
      select asked.n, rooms.last_seq, rooms.epoch_seed
      from unnest(
        ${entries.map((entry) => entry.tenantId)}::text[], ${entries.map((entry) => entry.roomId)}::uuid[]
      ) with ordinality as asked(tenant_id, room_id, n)
      cross join lateral (
        select last_seq, epoch_seed from rooms where tenant_id = asked.tenant_id and id = asked.room_id limit 1
      ) as rooms`,
    })
    for (const { n, last_seq: head, epoch_seed: seed } of heads) {
      const feed = entries[n - 1]?.feed
      if (feed && head > feed.head) this.counts.finds++
      feed?.learnHead(this.#database.epochOf(seed), head, headsBefore[n - 1])
    }
  }

  #resize(change: number): void {
    this.#bytes += change
    if (this.#bytes <= this.#options.maxBytes || change <= 0) return
    const byUse = this.#entries.values().sort((a, b) => a.feed.lastUsed - b.feed.lastUsed)
    for (const { feed } of byUse) {
      if (this.#bytes <= this.#options.maxBytes / 2) break
      feed.dropRing()
    }
  }
}
