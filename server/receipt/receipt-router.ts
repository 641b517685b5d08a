import { receiptInputs } from '../../shared/room.ts'
import { readAccess } from '../member/access.ts'
import { ChatError } from '../rpc/chat-error.ts'
import { router, userProcedure } from '../rpc/procedures.ts'

export const receiptRouter = router({
  /** Moves the caller's read marker forward to `seq`, or to the room's head where that is less; never back. */
  read: userProcedure.input(receiptInputs.read).mutation(async ({ ctx, input }): Promise<void> => {
    const { services, session } = ctx
    if (await services.markers.move(session.tenantId, input.roomId, session.userId, input.seq)) return
    await readAccess(services.database.db, session, input.roomId)
    throw new ChatError('NOT_A_MEMBER')
  }),
})
