import { sql } from 'kysely'
import type { Message } from '../../shared/message.ts'
import type { MemberRole } from '../../shared/permissions.ts'
import type { MyRoom, RoomViewer } from '../../shared/room.ts'
import type { UserSummary } from '../../shared/user.ts'
import { firstVisibleSeq, notHiddenFrom } from '../access/visibility.ts'
import type { Database } from '../db/database.ts'
import type { RoomRow, StoredSettings, Tx } from '../db/schema.ts'
import { toMessages } from '../log/message-shape.ts'
import { toRoom } from '../log/room-shape.ts'
import type { Session } from '../rpc/context.ts'
import { mentionCount, unreadCount } from '../unread/unread.ts'
import { toSettings } from './room-settings.ts'

type Caller = Pick<Session, 'tenantId' | 'userId' | 'role'>

/** The sort key of room lists: most recent message first. */
export const lastActivity = sql<Date>`coalesce(rooms.last_message_at, rooms.created_at)`

/** The caller's rooms with the caller's private state in each. A service sees every room of its tenant. */
export function selectMyRooms(db: Tx, caller: Caller) {
  const rooms = db
    .selectFrom('rooms')
    .leftJoin('members as viewer', (join) =>
      join
        .onRef('viewer.tenant_id', '=', 'rooms.tenant_id')
        .onRef('viewer.room_id', '=', 'rooms.id')
        .on('viewer.user_id', '=', caller.userId)
        .on('viewer.left_at', 'is', null),
    )
    .selectAll('rooms')
    .select([
      'viewer.role as viewer_role',
      'viewer.read_seq',
      'viewer.read_ordinal',
      'viewer.unread_marks',
      'viewer.visible_from_seq',
      'viewer.settings',
      unreadCount.as('unread'),
      mentionCount.as('mentions'),
      lastActivity.as('last_activity'),
    ])
    .where('rooms.tenant_id', '=', caller.tenantId)
    .where('rooms.deleted_at', 'is', null)
  return caller.role === 'service' ? rooms : rooms.where('viewer.user_id', 'is not', null)
}

type MyRoomRow = RoomRow & {
  viewer_role: MemberRole | null
  read_seq: number | null
  read_ordinal: number | null
  unread_marks: number | null
  visible_from_seq: number | null
  settings: StoredSettings | null
  unread: number
  mentions: number
}

/**
 * The rows as MyRooms, in order, from the same snapshot: with each room's last visible message and, in direct rooms, the other
 * user.
 */
export async function toMyRooms(tx: Tx, database: Database, caller: Caller, rows: MyRoomRow[]): Promise<MyRoom[]> {
  const [messages, peers] = [await lastMessages(tx, caller, rows), await directPeers(tx, caller, rows)]
  return rows.map((row) => ({
    ...toRoom(row, database.epochOf(row.epoch_seed)),
    viewer: toViewer(row),
    lastMessage: messages.get(row.id) ?? null,
    peer: peers.get(row.id) ?? null,
  }))
}

/** A service is not a member: it has an owner's rights and nothing unread. */
const toViewer = (row: MyRoomRow): RoomViewer => ({
  role: row.viewer_role ?? 'owner',
  readSeq: row.read_seq ?? row.last_seq,
  readOrdinal: row.read_ordinal ?? row.last_ordinal,
  unreadMarks: row.unread_marks ?? 0,
  unread: row.unread,
  mentions: row.mentions,
  visibleFromSeq: row.visible_from_seq ?? 0,
  settings: toSettings(row.settings, row.last_ordinal),
})

/** The last message of each room that is not hidden from the caller: one index look-up per room. */
async function lastMessages(db: Tx, caller: Caller, rows: MyRoomRow[]): Promise<Map<string, Message>> {
  const said = rows.filter((row) => row.last_message_at !== null)
  const tenantId = said[0]?.tenant_id
  if (tenantId === undefined) return new Map()
  const roomIds = said.map((row) => row.id)
  const fromSeqs = said.map((row) => firstVisibleSeq(row, row))
  const wanted = sql<{ room_id: string; from_seq: number }>`unnest(${roomIds}::uuid[], ${fromSeqs}::bigint[])`
  const found = await db
    .selectFrom(wanted.as<'wanted'>(sql`wanted(room_id, from_seq)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('messages')
          .selectAll()
          .where('tenant_id', '=', tenantId)
          .whereRef('room_id', '=', 'wanted.room_id')
          .whereRef('seq', '>=', 'wanted.from_seq')
          .where('thread_id', 'is', null)
          .where(notHiddenFrom(caller.userId))
          .orderBy('seq', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .innerJoin('members as sender', (join) =>
      join
        .onRef('sender.tenant_id', '=', 'latest.tenant_id')
        .onRef('sender.room_id', '=', 'latest.room_id')
        .onRef('sender.user_id', '=', 'latest.sender_id'),
    )
    .selectAll('latest')
    .select(['sender.user_name', 'sender.user_picture_url'])
    .execute()
  return new Map((await toMessages(found)).map((message) => [message.roomId, message]))
}

async function directPeers(db: Tx, caller: Caller, rows: MyRoomRow[]): Promise<Map<string, UserSummary>> {
  const direct = rows.filter((row) => row.kind === 'direct')
  if (direct.length === 0) return new Map()
  const peers = await db
    .selectFrom('members')
    .select(['room_id', 'user_id', 'user_name', 'user_picture_url'])
    .where('tenant_id', '=', caller.tenantId)
    .where(
      'room_id',
      'in',
      direct.map((row) => row.id),
    )
    .where('user_id', '!=', caller.userId)
    .execute()
  return new Map(
    peers.map((peer) => [peer.room_id, { id: peer.user_id, name: peer.user_name, pictureUrl: peer.user_picture_url }]),
  )
}
