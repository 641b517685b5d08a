import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Bus, roomChannel, userChannel } from '../bus/bus.ts'
import { readRows } from '../db/checked-rows.ts'
import type { Database } from '../db/database.ts'
import { ChatError } from '../errors/chat-error.ts'
import { isCount, isFlag, type Shape } from '../lib/checks.ts'
import { memberKey, type RoomKey, type UserKey } from '../lib/keys.ts'
import { ownMessages } from './unread.ts'

export type MarkerName = 'read' | 'delivered'

type MarkerKey = RoomKey & UserKey

/** The target of a marker. With `unreadMarks`, the marker only moves if the member has made no further unread marks since. */
export interface MarkerGoal {
  seq: number
  unreadMarks?: number | undefined
}

/** The pending moves of a member's markers. */
interface Move extends MarkerKey, Record<MarkerName, number> {
  /**
   * The highest count of unread marks among the pending reads, and how far those reads go. Reads with a lower count are too late.
   */
  known: { seq: number; unreadMarks: number }
  waiting: { resolve: (isMember: boolean) => void; reject: (error: unknown) => void }[]
}

interface Moved {
  n: number
  is_read_moved: boolean
  /** A read did not know of a later unread mark. */
  is_late: boolean
  is_receipt_moved: boolean
  is_large: boolean
}

const MOVED: Shape<Moved> = {
  n: isCount,
  is_read_moved: isFlag,
  is_late: isFlag,
  is_receipt_moved: isFlag,
  is_large: isFlag,
}

const MAX_BATCH = 500
/** Bound on calls that wait for their markers; further calls are refused. */
const MAX_WAITING = 10_000
const RETRY_AFTER_MS = 1_000

/**
 * Moves markers forward, one statement at a time. Reads that arrive during a statement are gathered, and only the furthest move
 * of each marker is written. Markers never pass the room's head; only `markUnread` moves one back. The reader's other devices are
 * notified, and so are followers of the room's receipts unless the room is large. A read that comes too late also notifies the
 * devices, because the one that sent it has missed the mark.
 */
export class MarkerWriter {
  readonly #database: Database
  readonly #bus: Bus
  readonly #log: Logger
  /** One entry per member, however often they read; bounded by the waiting calls. */
  #pending = new Map<string, Move>()
  /** Calls that are not answered yet; at most MAX_WAITING. */
  #waiting = 0
  #isWriting = false

  constructor(database: Database, bus: Bus, log: Logger) {
    this.#database = database
    this.#bus = bus
    this.#log = log
  }

  /** Resolves when the marker is written; false if the user is not a member of the room. @throws ChatError RATE_LIMITED */
  async move(of: MarkerKey, name: MarkerName, goal: MarkerGoal): Promise<boolean> {
    if (this.#waiting >= MAX_WAITING) throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    this.#waiting++
    return this.#enqueue(of, name, goal).finally(() => this.#waiting--)
  }

  #enqueue(of: MarkerKey, name: MarkerName, { seq, unreadMarks }: MarkerGoal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const key = memberKey(of)
    const move = this.#pending.get(key) ?? {
      ...of,
      read: 0,
      delivered: 0,
      known: { seq: 0, unreadMarks: 0 },
      waiting: [],
    }
    if (unreadMarks === undefined) move[name] = Math.max(move[name], seq)
    else if (unreadMarks > move.known.unreadMarks) move.known = { seq, unreadMarks }
    else if (unreadMarks === move.known.unreadMarks) move.known.seq = Math.max(move.known.seq, seq)
    move.waiting.push({ resolve, reject })
    this.#pending.set(key, move)
    if (!this.#isWriting) {
      this.#isWriting = true
      setImmediate(() => void this.#run())
    }
    return promise
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const batch = [...this.#pending].slice(0, MAX_BATCH)
      for (const [key] of batch) this.#pending.delete(key)
      await this.#write(batch.map(([, move]) => move))
    }
    this.#isWriting = false
  }

  async #write(moves: Move[]): Promise<void> {
    try {
      const found = new Map((await writeMarkers(this.#database, moves)).map((moved) => [moved.n - 1, moved]))
      for (const [index, move] of moves.entries()) {
        const moved = found.get(index)
        for (const { resolve } of move.waiting) resolve(moved !== undefined)
        if (moved) this.#publish(move, moved)
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'unable to write markers')
      for (const { waiting } of moves) for (const { reject } of waiting) reject(error)
    }
  }

  #publish({ tenantId, roomId, userId }: MarkerKey, moved: Moved): void {
    const isNews = moved.is_read_moved || moved.is_late
    if (isNews) this.#bus.publish(userChannel(tenantId, userId), { type: 'viewer.changed', roomId })
    if (moved.is_large || !moved.is_receipt_moved) return
    this.#bus.publish(roomChannel(tenantId, roomId), { type: 'receipt.moved', userId })
  }
}

/**
 * Writes markers in lock order: members by room and user. A read marker takes the greatest ordinal at or below its seq. Returns,
 * for each member that exists, the index in the list (from 1) and whether each marker moved. The receipt that others see only
 * moves forward.
 */
function writeMarkers({ db }: Database, moves: Move[]): Promise<Moved[]> {
  return readRows(db, {
    row: MOVED,
    sql: sql`
    with asked as materialized (
      select * from unnest(
        ${moves.map((move) => move.tenantId)}::text[], ${moves.map((move) => move.roomId)}::uuid[],
        ${moves.map((move) => move.userId)}::text[], ${moves.map((move) => move.read)}::bigint[],
        ${moves.map((move) => move.known.seq)}::bigint[], ${moves.map((move) => move.known.unreadMarks)}::bigint[],
        ${moves.map((move) => move.delivered)}::bigint[]
      ) with ordinality as asked(tenant_id, room_id, user_id, read, known_read, unread_marks, delivered, n)
    ),
    locked as materialized (
      select asked.n, asked.tenant_id, asked.room_id, asked.user_id, found.is_large,
        least(case when found.unread_marks > asked.unread_marks then asked.read else greatest(asked.read, asked.known_read) end,
          found.last_seq) as read,
        asked.known_read > asked.read and found.unread_marks > asked.unread_marks as is_late,
        found.read_seq, greatest(found.read_seq, found.seen_seq) as seen_seq,
        least(asked.delivered, found.last_seq) as delivered,
        greatest(found.delivered_seq, found.read_seq, found.seen_seq) as delivered_seq
      from (select * from asked order by tenant_id, room_id, user_id) as asked
      cross join lateral (
        select members.read_seq, members.seen_seq, members.unread_marks, members.delivered_seq, rooms.last_seq, rooms.is_large
        from members join rooms on rooms.tenant_id = members.tenant_id and rooms.id = members.room_id
        where members.tenant_id = asked.tenant_id and members.room_id = asked.room_id and members.user_id = asked.user_id
          and members.left_at is null and rooms.deleted_at is null
        for no key update of members
      ) as found
    ),
    moved_read as (
      update members
      set read_seq = greatest(members.read_seq, locked.read),
        read_at = case when locked.read > locked.seen_seq then clock_timestamp() else members.read_at end,
        delivered_seq = greatest(members.delivered_seq, locked.delivered),
        read_ordinal = greatest(members.read_ordinal, coalesce((
          select ordinal from messages
          where messages.tenant_id = locked.tenant_id and messages.room_id = locked.room_id
            and messages.seq <= locked.read and messages.ordinal is not null and messages.thread_id is null
          order by messages.seq desc limit 1
        ), 0)),
        own_above = case when members.own_above = 0 then 0 else members.own_above - ${ownMessages(
          'members',
          sql`messages.seq > members.read_seq and messages.seq <= locked.read`,
        )} end
      from locked
      where members.tenant_id = locked.tenant_id and members.room_id = locked.room_id and members.user_id = locked.user_id
        and locked.read > locked.read_seq
    ),
    moved_delivered as (
      update members set delivered_seq = locked.delivered
      from locked
      where members.tenant_id = locked.tenant_id and members.room_id = locked.room_id and members.user_id = locked.user_id
        and locked.read <= locked.read_seq and locked.delivered > locked.delivered_seq
    )
    select n, read > read_seq as is_read_moved, is_late,
      read > seen_seq or delivered > delivered_seq as is_receipt_moved, is_large
    from locked`,
  })
}
