import type { InboxRoom } from '../../shared/inbox.ts'
import type { Database } from '../db/connect.ts'
import { unreadCount } from '../room/unread.ts'
import type { Session } from '../rpc/context.ts'

/** A room of the inbox, with the epoch of its log. */
export interface CountedRoom {
  counts: InboxRoom
  epoch: string
}

/** The caller's rooms with their counts, all of one moment. Archived rooms are not in the inbox. */
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
      'viewer.read_seq',
      'viewer.read_ordinal',
      unreadCount.as('unread'),
    ])
    .where('viewer.tenant_id', '=', tenantId)
    .where('viewer.user_id', '=', userId)
    .where('viewer.left_at', 'is', null)
    .where('rooms.deleted_at', 'is', null)
    .where('rooms.archived_at', 'is', null)
  if (roomId !== undefined) query = query.where('rooms.id', '=', roomId)
  const rows = await query.execute()
  return rows.map((row) => ({
    epoch: database.epochOf(row.epoch_seed),
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
