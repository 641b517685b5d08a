import type { Page } from '../../shared/page.ts'
import { type FollowedThread, threadInputs } from '../../shared/thread.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { followThread, readThreadTo, unfollowThread } from './thread-follow.ts'
import { listFollowedThreads } from './thread-read.ts'

export const threadRouter = router({
  list: userProcedure
    .input(threadInputs.list.prefault({}))
    .query(({ ctx, input }): Promise<Page<FollowedThread>> => listFollowedThreads(ctx.services, ctx.session, input)),

  follow: userProcedure
    .input(threadInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => followThread(ctx.services, ctx.session, input)),

  unfollow: userProcedure
    .input(threadInputs.byId)
    .mutation(({ ctx, input }): Promise<void> => unfollowThread(ctx.services, ctx.session, input)),

  read: userProcedure
    .input(threadInputs.read)
    .mutation(({ ctx, input }): Promise<void> => readThreadTo(ctx.services, ctx.session, input)),
})
