import type { InboxRoom } from '../../shared/inbox.ts'
import type { RoomSettings } from '../../shared/room.ts'
import { firstVisibleSeq } from '../access/visibility.ts'
import type { Database } from '../db/database.ts'
import type { Db, Tx } from '../db/schema.ts'
import { toSettings } from '../room/room-settings.ts'
import type { Session } from '../rpc/context.ts'
import { hasHiddenUnread, mentionCount, unreadCount } from '../unread/unread.ts'

/** One of the caller's rooms with the state that following it requires. */
export interface CountedRoom {
  counts: InboxRoom
  settings: RoomSettings
  epoch: string
  /** The first message that the caller may see. */
  fromSeq: number
  /** If true, deleting a message may leave the counts unchanged. */
  hasHiddenUnread: boolean
  /** Archived rooms are followed because they can be restored, but the inbox does not list them. */
  isArchived: boolean
  /** Time of the last activity. */
  activeAt: Date
}

/** The entries that an inbox lists for the caller's rooms. */
export const listed = (rooms: CountedRoom[]): InboxRoom[] =>
  rooms.filter((room) => !room.isArchived).map((room) => room.counts)

/** The caller's rooms with their counts, all from one snapshot. */
export async function readCountedRooms(
  database: Pick<Database, 'epochOf'>,
  db: Db | Tx,
  { tenantId, userId }: Pick<Session, 'tenantId' | 'userId'>,
  roomId?: string,
): Promise<CountedRoom[]> {
  let query = db
    .selectFrom('members as viewer')
    .innerJoin('rooms', (join) =>
      join.onRef('rooms.tenant_id', '=', 'viewer.tenant_id').onRef('rooms.id', '=', 'viewer.room_id'),
    )
    .select([
      'rooms.id',
      'rooms.epoch_seed',
      'rooms.last_seq',
      'rooms.last_ordinal',
      'rooms.history_from_seq',
      'rooms.archived_at',
      'rooms.created_at',
      'rooms.last_message_at',
      'viewer.visible_from_seq',
      'viewer.read_seq',
      'viewer.read_ordinal',
      'viewer.unread_marks',
      'viewer.settings',
      unreadCount.as('unread'),
      hasHiddenUnread.as('has_hidden_unread'),
      mentionCount.as('mentions'),
    ])
    .where('viewer.tenant_id', '=', tenantId)
    .where('viewer.user_id', '=', userId)
    .where('viewer.left_at', 'is', null)
    .where('rooms.deleted_at', 'is', null)
  if (roomId !== undefined) query = query.where('rooms.id', '=', roomId)
  const rows = await query.execute()
  return rows.map((row) => ({
    epoch: database.epochOf(row.epoch_seed),
    fromSeq: firstVisibleSeq(row, row),
    hasHiddenUnread: row.has_hidden_unread,
    isArchived: row.archived_at !== null,
    activeAt: row.last_message_at ?? row.created_at,
    settings: toSettings(row.settings, row.last_ordinal),
    counts: {
      roomId: row.id,
      unread: row.unread,
      mentions: row.mentions,
      lastSeq: row.last_seq,
      lastOrdinal: row.last_ordinal,
      readSeq: row.read_seq,
      readOrdinal: row.read_ordinal,
      unreadMarks: row.unread_marks,
    },
  }))
}
