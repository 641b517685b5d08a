import { sql } from 'kysely'
import { receiptInputs } from '../../shared/room.ts'
import { userChannel } from '../bus/bus.ts'
import { readAccess } from '../member/access.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { router, userProcedure } from '../rpc/procedures.ts'

export const receiptRouter = router({
  read: userProcedure
    .input(receiptInputs.read)
    .mutation(({ ctx, input }): Promise<void> => markRead(ctx.services, ctx.session, input.roomId, input.seq)),
})

/**
 * Moves the caller's read marker forward to `seq`, or to the room's head where that is less; never back. The marker counts what
 * lies at or below it, so it takes the greatest ordinal there.
 */
async function markRead({ database, bus }: Services, session: Session, roomId: string, seq: number): Promise<void> {
  const { tenantId, userId } = session
  const { numUpdatedRows } = await database.db
    .updateTable('members')
    .from('rooms')
    .set({
      read_seq: sql`least(${seq}::bigint, rooms.last_seq)`,
      read_ordinal: sql`greatest(members.read_ordinal, coalesce((
        select ordinal from messages
        where messages.tenant_id = ${tenantId} and messages.room_id = ${roomId}::uuid
          and messages.seq <= ${seq}::bigint and messages.ordinal is not null and messages.thread_id is null
        order by messages.seq desc limit 1
      ), 0))`,
      read_at: sql`clock_timestamp()`,
    })
    .where('members.tenant_id', '=', tenantId)
    .where('members.room_id', '=', roomId)
    .where('members.user_id', '=', userId)
    .where('members.left_at', 'is', null)
    .whereRef('rooms.tenant_id', '=', 'members.tenant_id')
    .whereRef('rooms.id', '=', 'members.room_id')
    .where('rooms.deleted_at', 'is', null)
    .where(sql<boolean>`members.read_seq < least(${seq}::bigint, rooms.last_seq)`)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) {
    bus.publish(userChannel(tenantId, userId), { type: 'marker.moved', roomId })
    return
  }
  const { member } = await readAccess(database.db, session, roomId)
  if (!member) throw new ChatError('NOT_A_MEMBER')
}
