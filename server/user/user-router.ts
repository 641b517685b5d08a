import type { Page } from '../../shared/page.ts'
import { type User, type UserBan, type UserSummary, userInputs } from '../../shared/user.ts'
import { router, serviceProcedure, userProcedure } from '../rpc/procedures.ts'
import { listBlocked } from './blocked-list.ts'
import { banUser, unbanUser } from './user-ban.ts'
import { blockUser, unblockUser } from './user-block.ts'
import { changeUser } from './user-change.ts'
import { listUsers, readUser } from './user-read.ts'

export const userRouter = router({
  get: userProcedure
    .input(userInputs.get)
    .query(({ ctx, input }): Promise<User> => readUser(ctx.services, ctx.session, input.userId)),

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

  ban: serviceProcedure
    .input(userInputs.ban)
    .mutation(({ ctx, input }): Promise<UserBan> => banUser(ctx.services, ctx.session, input)),

  unban: serviceProcedure
    .input(userInputs.unban)
    .mutation(({ ctx, input }): Promise<UserBan> => unbanUser(ctx.services, ctx.session, input)),

  block: userProcedure
    .input(userInputs.block)
    .mutation(({ ctx, input }): Promise<void> => blockUser(ctx.services, ctx.session, input.userId)),

  unblock: userProcedure
    .input(userInputs.unblock)
    .mutation(({ ctx, input }): Promise<void> => unblockUser(ctx.services, ctx.session, input.userId)),

  blocked: userProcedure
    .input(userInputs.blocked.prefault({}))
    .query(({ ctx, input }): Promise<Page<UserSummary>> => listBlocked(ctx.services, ctx.session, input)),
})
