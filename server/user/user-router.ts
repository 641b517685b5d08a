import type { Page } from '../../shared/page.ts'
import { type User, userInputs } from '../../shared/user.ts'
import { ChatError } from '../rpc/chat-error.ts'
import { router, serviceProcedure, userProcedure } from '../rpc/procedures.ts'
import { changeUser } from './user-change.ts'
import { listUsers } from './user-list.ts'
import { toUser } from './user-shape.ts'

export const userRouter = router({
  get: userProcedure.input(userInputs.get).query(async ({ ctx, input }): Promise<User> => {
    const user = await ctx.services.users.find(ctx.session.tenantId, input.userId)
    if (!user) throw new ChatError('NOT_FOUND')
    return toUser(user)
  }),

  list: userProcedure
    .input(userInputs.list.prefault({}))
    .query(({ ctx, input }): Promise<Page<User>> => listUsers(ctx.services, ctx.session, input)),

  update: userProcedure
    .input(userInputs.update)
    .mutation(
      ({ ctx, input }): Promise<User> => changeUser(ctx.services, ctx.session.tenantId, ctx.session.userId, input),
    ),

  upsert: serviceProcedure
    .input(userInputs.upsert)
    .mutation(
      ({ ctx, input: { id, ...profile } }): Promise<User> =>
        changeUser(ctx.services, ctx.session.tenantId, id, profile),
    ),
})
