import type { InboxRoom } from '../../shared/inbox.ts'
import type { Database } from '../db/connect.ts'
import { unreadCount } from '../room/unread.ts'
import type { Session } from '../rpc/context.ts'

/** A room of the caller's, with what is needed to follow it. */
export interface CountedRoom {
  counts: InboxRoom
  epoch: string
  /** The first message that the caller may see. */
  fromSeq: number
  /** Archived rooms are followed, since they may come back, but are not in the inbox. */
  isArchived: boolean
}

/** What an inbox lists of the caller's rooms. */
export const listed = (rooms: CountedRoom[]): InboxRoom[] =>
  rooms.filter((room) => !room.isArchived).map((room) => room.counts)

/** The caller's rooms with their counts, all of one moment. */
export async function readCountedRooms(
  database: Database,
  { tenantId, userId }: Pick<Session, 'tenantId' | 'userId'>,
  roomId?: string,
): Promise<CountedRoom[]> {
  let query = database.db
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
      'viewer.visible_from_seq',
      'viewer.read_seq',
      'viewer.read_ordinal',
      unreadCount.as('unread'),
    ])
    .where('viewer.tenant_id', '=', tenantId)
    .where('viewer.user_id', '=', userId)
    .where('viewer.left_at', 'is', null)
    .where('rooms.deleted_at', 'is', null)
  if (roomId !== undefined) query = query.where('rooms.id', '=', roomId)
  const rows = await query.execute()
  return rows.map((row) => ({
    epoch: database.epochOf(row.epoch_seed),
    fromSeq: Math.max(row.history_from_seq, row.visible_from_seq),
    isArchived: row.archived_at !== null,
    counts: {
      roomId: row.id,
      unread: row.unread,
      mentions: 0,
      lastSeq: row.last_seq,
      lastOrdinal: row.last_ordinal,
      readSeq: row.read_seq,
      readOrdinal: row.read_ordinal,
    },
  }))
}
