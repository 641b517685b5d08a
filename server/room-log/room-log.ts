import type { LogEvent, RoomEvent, RoomLogEvent } from '../../shared/room-event.ts'
import type { Database } from '../db/connect.ts'
import type { MemberRow, RoomRow, Tx } from '../db/database.ts'
import { readSnapshot } from '../db/transaction.ts'
import type { LogFill } from '../feed/room-feed.ts'
import { toMember } from './member-shape.ts'
import { type AuthoredRow, selectMessages, toMessage } from './message-shape.ts'
import { toRoom } from './room-shape.ts'

/*
 * The log of a room since position S is the room's rows with `changed_seq > S`, in that order: one row per message or member
 * however often it changed, since each carries its whole state. Read within one snapshot it is complete, because seqs are given
 * under the room's lock: nothing with a lower seq can become visible later.
 */

export interface LogPage {
  events: LogEvent[]
  /** Whether the log goes on after these; otherwise they reach to `room.last_seq`. */
  more: boolean
}

/** The log after `after`, at most `limit` rows of it. `tx` is a snapshot in which `room` was read. */
export async function readLog(
  tx: Tx,
  database: Database,
  room: RoomRow,
  after: number,
  limit: number,
): Promise<LogPage> {
  const rows = [
    ...(await messagesSince(tx, room, after, limit + 1)).map(messageEntry),
    ...(await membersSince(tx, room, after, limit + 1)).map((row) => memberEntry(row, room)),
    ...(room.changed_seq > after ? [roomEntry(room, database.epochOf(room.epoch_seed))] : []),
  ].sort((a, b) => a.seq - b.seq)
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

/** Two index ranges: rows as they were sent lie in the primary key, rows changed since in an index of their own. */
async function messagesSince(tx: Tx, room: RoomRow, after: number, limit: number): Promise<AuthoredRow[]> {
  const messages = selectMessages(tx)
    .where('messages.tenant_id', '=', room.tenant_id)
    .where('messages.room_id', '=', room.id)
    .where('messages.seq', '>=', room.history_from_seq)
    .limit(limit)
  const asSent = await messages
    .where('messages.seq', '>', after)
    .whereRef('messages.changed_seq', '=', 'messages.seq')
    .orderBy('messages.seq')
    .execute()
  const changed = await messages
    .where('messages.changed_seq', '>', after)
    .whereRef('messages.changed_seq', '>', 'messages.seq')
    .orderBy('messages.changed_seq')
    .execute()
  return [...asSent, ...changed]
}

const membersSince = (tx: Tx, room: RoomRow, after: number, limit: number): Promise<MemberRow[]> =>
  tx
    .selectFrom('members')
    .selectAll()
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('changed_seq', '>', after)
    .orderBy('changed_seq')
    .limit(limit)
    .execute()

/** A row of the log, waiting for the place that the row before it gives. */
interface LogEntry {
  seq: number
  at(prev: number): RoomLogEvent
}

function messageEntry(row: AuthoredRow): LogEntry {
  const message = toMessage(row)
  const changed = message.deletedAt ? ('message.deleted' as const) : ('message.updated' as const)
  const { changedSeq: seq } = message
  return { seq, at: (prev) => ({ type: message.seq > prev ? 'message.created' : changed, seq, prev, message }) }
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

/** More rows than this are not filled in: the feed starts anew, and its subscribers read for themselves. */
const FILL_ROWS = 1_000

/** What a feed reads to fill a gap. Of a room that is not there: undefined. */
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

/** The event as somebody may see it who sees messages from `fromSeq` on. */
export const visibleFrom = (event: LogEvent, fromSeq: number): RoomEvent =>
  'message' in event && event.message.seq < fromSeq ? { type: 'hidden', seq: event.seq, prev: event.prev } : event
