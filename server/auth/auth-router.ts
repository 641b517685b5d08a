import { sql } from 'kysely'
import { authInputs, type Me } from '../../shared/user.ts'
import { recordAct } from '../audit/audit-write.ts'
import { userChannel } from '../bus/bus.ts'
import { transact } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { toUser } from '../user/user-shape.ts'

export const authRouter = router({
  me: userProcedure.query(async ({ ctx: { services, session } }): Promise<Me> => {
    const user = await services.users.find(session.tenantId, session.userId)
    if (!user) throw new ChatError('NOT_FOUND')
    return { user: toUser(user, true), tenant: session.tenantId, role: session.role, expiresAt: session.expiresAt }
  }),

  /** Continues this connection with a newer token of the same user. */
  refresh: userProcedure.input(authInputs.refresh).mutation(async ({ ctx, input }): Promise<{ expiresAt: Date }> => {
    return { expiresAt: await ctx.session.refresh(input.token) }
  }),

  /** Revokes every token issued until now and ends the connections that use them. */
  revokeAll: userProcedure.input(authInputs.revokeAll).mutation(async ({ ctx, input }): Promise<void> => {
    const { services, session } = ctx
    const userId = input?.userId ?? session.userId
    if (userId !== session.userId && session.role !== 'service') throw new ChatError('FORBIDDEN')
    await transact(services.database.db, async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('users')
        .set({ tokens_valid_from: new Date(), version: sql`version + 1` })
        .where('tenant_id', '=', session.tenantId)
        .where('id', '=', userId)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw new ChatError('NOT_FOUND')
      if (userId !== session.userId) await recordAct(tx, session, { action: 'auth.revokeAll', userId })
    })
    services.bus.publish(userChannel(session.tenantId, userId), { type: 'user.changed' })
  }),
})
