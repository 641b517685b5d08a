import type { Message } from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import { type OwnReactions, reactionInputs, type UserReaction } from '../../shared/reaction.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { addReaction, removeReaction } from './reaction-change.ts'
import { listReactions, ownReactions } from './reaction-read.ts'

export const reactionRouter = router({
  add: userProcedure
    .input(reactionInputs.add)
    .mutation(({ ctx, input }): Promise<Message> => addReaction(ctx.services, ctx.session, input, input.emoji)),

  remove: userProcedure
    .input(reactionInputs.remove)
    .mutation(({ ctx, input }): Promise<Message> => removeReaction(ctx.services, ctx.session, input, input.emoji)),

  list: userProcedure
    .input(reactionInputs.list)
    .query(({ ctx, input }): Promise<Page<UserReaction>> => listReactions(ctx.services, ctx.session, input)),

  mine: userProcedure
    .input(reactionInputs.mine)
    .query(({ ctx, input }): Promise<OwnReactions[]> => ownReactions(ctx.services, ctx.session, input)),
})
