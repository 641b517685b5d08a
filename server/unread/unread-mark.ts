import { sql } from 'kysely'
import { userChannel } from '../bus/bus.ts'
import { transact } from '../db/transaction.ts'
import type { Services, Session } from '../rpc/context.ts'
import { ownMessages } from './unread.ts'

interface Mark {
  roomId: string
  /** The first message to become unread. */
  seq: number
}

/**
 * Moves the caller's read marker back to just before `seq`, or to just before the first message that the caller may see. A marker
 * that is further back already stays there. The mark counts in any case and makes reads that don't know of it too late. A `seq`
 * beyond the room's head marks nothing. False if the caller is not a member of the room.
 */
export async function markUnread(
  { database, bus }: Pick<Services, 'database' | 'bus'>,
  { tenantId, userId }: Session,
  { roomId, seq }: Mark,
): Promise<boolean> {
  const found = await transact(database.db, async (tx) => {
    const marker = await tx
      .selectFrom('members')
      .innerJoin('rooms', (join) =>
        join.onRef('rooms.tenant_id', '=', 'members.tenant_id').onRef('rooms.id', '=', 'members.room_id'),
      )
      .select(['members.read_seq', 'members.visible_from_seq', 'rooms.history_from_seq', 'rooms.last_seq'])
      .where('members.tenant_id', '=', tenantId)
      .where('members.room_id', '=', roomId)
      .where('members.user_id', '=', userId)
      .where('members.left_at', 'is', null)
      .where('rooms.deleted_at', 'is', null)
      .forNoKeyUpdate('members')
      .executeTakeFirst()
    if (!marker || seq > marker.last_seq) return marker && { isMarked: false }
    const first = Math.max(seq, marker.visible_from_seq, marker.history_from_seq, 1)
    const back = sql<number>`${Math.min(first - 1, marker.read_seq)}::bigint`
    // A separate statement after the wait for the lock sees every message that the marker had passed.
    await tx
      .updateTable('members')
      .set({
        unread_marks: sql<number>`unread_marks + 1`,
        read_seq: back,
        read_ordinal: sql<number>`least(read_ordinal, coalesce((
          select ordinal from messages
          where messages.tenant_id = members.tenant_id and messages.room_id = members.room_id
            and messages.seq <= ${back} and messages.ordinal is not null and messages.thread_id is null
          order by messages.seq desc limit 1
        ), 0))`,
        own_above: sql<number>`own_above + ${ownMessages(
          'members',
          sql`messages.seq > ${back} and messages.seq <= members.read_seq`,
        )}`,
        seen_seq: sql<number>`greatest(seen_seq, read_seq)`,
      })
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', roomId)
      .where('user_id', '=', userId)
      .execute()
    return { isMarked: true }
  })
  if (found?.isMarked) bus.publish(userChannel(tenantId, userId), { type: 'viewer.changed', roomId })
  return found !== undefined
}
