import { sql } from 'kysely'
import type { Message } from '../../shared/message.ts'
import type { LogEvent, RoomEvent, RoomLogEvent } from '../../shared/room-event.ts'
import type { Database } from '../db/database.ts'
import type { MemberRow, RoomRow, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMember } from './member-shape.ts'
import { type AuthoredRow, selectMessages, withMessages } from './message-shape.ts'
import { toRoom } from './room-shape.ts'

/*
 * The log of a room since position S is the room's rows with `changed_seq > S`, in that order. A message or member has one row
 * however often it changed, since the row carries its whole state. A log read within one snapshot is complete: seqs are assigned
 * under the room's lock, so nothing with a lower seq can become visible later.
 */

export interface LogPage {
  events: LogEvent[]
  /** Whether the log continues after these events; if not, they reach `room.last_seq`. */
  more: boolean
}

/** The start of a log read: the room as `tx` sees it, and the seq to read after. */
export interface LogStart {
  room: RoomRow
  after: number
}

/** At most `limit` rows of the log after `after`. `tx` must be the snapshot in which `room` was read. */
export async function readLog(
  tx: Tx,
  database: Database,
  room: RoomRow,
  after: number,
  limit: number,
): Promise<LogPage> {
  const [page] = await readLogs(tx, database, [{ room, after }], limit)
  return page ?? { events: [], more: false }
}

/**
 * The logs of several rooms of one tenant, in their order, with at most `limit` rows of each. Takes three statements in total.
 */
export async function readLogs(tx: Tx, database: Database, starts: LogStart[], limit: number): Promise<LogPage[]> {
  const tenantId = starts[0]?.room.tenant_id
  if (tenantId === undefined) return []
  const wanted = selectWanted(tx, starts)
  const changed = await withMessages(await messagesSince(tx, wanted, tenantId, limit + 1))
  const messages = Map.groupBy(changed, ({ row }) => row.room_id)
  const members = Map.groupBy(await membersSince(tx, wanted, tenantId, limit + 1), (row) => row.room_id)
  return starts.map(({ room, after }) => {
    const entries = [
      ...(messages.get(room.id) ?? []).map(messageEntry),
      ...(members.get(room.id) ?? []).map((row) => memberEntry(row, room)),
      ...(room.changed_seq > after ? [roomEntry(room, database.epochOf(room.epoch_seed))] : []),
    ]
    return toPage(entries, { room, after }, limit)
  })
}

function toPage(entries: LogEntry[], { room, after }: LogStart, limit: number): LogPage {
  const rows = entries.sort((a, b) => a.seq - b.seq)
  const more = rows.length > limit
  let prev = after
  const events: LogEvent[] = rows.slice(0, limit).map((entry) => {
    const event = entry.at(prev)
    prev = entry.seq
    return event
  })
  if (!more && prev < room.last_seq) events.push({ type: 'ready', seq: room.last_seq, prev })
  return { events, more }
}

/** The rooms as a table `wanted`. Each look-up joined to it is one range of an index. */
function selectWanted(tx: Tx, starts: LogStart[]) {
  const rows = sql<{ room_id: string; after: number; from_seq: number }>`unnest(
    ${starts.map(({ room }) => room.id)}::uuid[], ${starts.map(({ after }) => after)}::bigint[],
    ${starts.map(({ room }) => room.history_from_seq)}::bigint[])`
  return tx.selectFrom(rows.as<'wanted'>(sql`wanted(room_id, after, from_seq)`))
}

type Wanted = ReturnType<typeof selectWanted>
const ofRoom = sql<string>`wanted.room_id`
const sinceThen = sql<number>`wanted.after`

/** Reads two index ranges: unchanged rows lie in the primary key, changed rows in an index of their own. */
async function messagesSince(tx: Tx, wanted: Wanted, tenantId: string, limit: number): Promise<AuthoredRow[]> {
  const messages = selectMessages(tx)
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', ofRoom)
    .where('messages.seq', '>=', sql<number>`wanted.from_seq`)
    .limit(limit)
  const asSent = messages
    .where('messages.seq', '>', sinceThen)
    .whereRef('messages.changed_seq', '=', 'messages.seq')
    .orderBy('messages.seq')
  const changed = messages
    .where('messages.changed_seq', '>', sinceThen)
    .whereRef('messages.changed_seq', '>', 'messages.seq')
    .orderBy('messages.changed_seq')
  return [...(await found(wanted, asSent)), ...(await found(wanted, changed))]
}

const found = (wanted: Wanted, messages: ReturnType<typeof selectMessages>): Promise<AuthoredRow[]> =>
  wanted
    .innerJoinLateral(
      () => messages.as('found'),
      (join) => join.onTrue(),
    )
    .selectAll('found')
    .execute()

const membersSince = (tx: Tx, wanted: Wanted, tenantId: string, limit: number): Promise<MemberRow[]> =>
  wanted
    .innerJoinLateral(
      () =>
        tx
          .selectFrom('members')
          .selectAll()
          .where('tenant_id', '=', tenantId)
          .where('room_id', '=', ofRoom)
          .where('changed_seq', '>', sinceThen)
          .orderBy('changed_seq')
          .limit(limit)
          .as('found'),
      (join) => join.onTrue(),
    )
    .selectAll('found')
    .execute()

/** A row of the log before it gets its `prev`, which the row before it determines. */
interface LogEntry {
  seq: number
  at(prev: number): RoomLogEvent
}

function messageEntry({ row, message }: { row: AuthoredRow; message: Message }): LogEntry {
  const { changedSeq: seq } = message
  const typeAfter = (prev: number) => {
    if (message.seq > prev) return 'message.created'
    return row.deleted_seq !== null && row.deleted_seq > prev ? 'message.deleted' : 'message.updated'
  }
  return { seq, at: (prev) => ({ type: typeAfter(prev), seq, prev, message }) }
}

function memberEntry(row: MemberRow, room: RoomRow): LogEntry {
  const member = toMember(row)
  const { changedSeq: seq } = member
  const typeAfter = (prev: number) => {
    if (member.leftAt) return 'member.left'
    return member.joinedSeq > prev ? 'member.joined' : 'member.updated'
  }
  return { seq, at: (prev) => ({ type: typeAfter(prev), seq, prev, member, memberCount: room.member_count }) }
}

function roomEntry(row: RoomRow, epoch: string): LogEntry {
  const type = row.deleted_at ? 'room.deleted' : 'room.updated'
  return { seq: row.changed_seq, at: (prev) => ({ type, seq: row.changed_seq, prev, room: toRoom(row, epoch) }) }
}

/** The log since a head, up to `lastSeq`, as the database has it; `events` is undefined if there are too many to fill. */
export interface LogFill {
  epoch: string
  lastSeq: number
  events: LogEvent[] | undefined
}

/** Bound on a fill. Beyond it the feed restarts and its subscribers read the log themselves. */
const FILL_ROWS = 1_000

/** The log that a feed reads to fill a gap; undefined if the room does not exist. */
export function readFill(
  database: Database,
  tenantId: string,
  roomId: string,
  after: number,
): Promise<LogFill | undefined> {
  return readSnapshot(database.db, async (tx) => {
    const room = await tx
      .selectFrom('rooms')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', roomId)
      .executeTakeFirst()
    if (!room) return undefined
    const { events, more } = await readLog(tx, database, room, after, FILL_ROWS)
    const isFillable = !more && room.last_seq >= after
    return { epoch: database.epochOf(room.epoch_seed), lastSeq: room.last_seq, events: isFillable ? events : undefined }
  })
}

/** The event as seen by a viewer whose first visible message is `fromSeq`. */
export const visibleFrom = (event: LogEvent, fromSeq: number): RoomEvent =>
  'message' in event && event.message.seq < fromSeq ? { type: 'hidden', seq: event.seq, prev: event.prev } : event
