import { type Member, memberInputs } from '../../shared/member.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { addMembers, muteMember, removeMember, setRole, unmuteMember } from './member-change.ts'
import { listMembers } from './member-read.ts'

export const memberRouter = router({
  list: userProcedure
    .input(memberInputs.list)
    .query(({ ctx, input }): Promise<Page<Member>> => listMembers(ctx.services, ctx.session, input)),

  add: userProcedure
    .input(memberInputs.add)
    .mutation(
      ({ ctx, input }): Promise<Member[]> => addMembers(ctx.services, ctx.session, input.roomId, input.userIds),
    ),

  remove: userProcedure
    .input(memberInputs.remove)
    .mutation(({ ctx, input }): Promise<void> => removeMember(ctx.services, ctx.session, input)),

  setRole: userProcedure
    .input(memberInputs.setRole)
    .mutation(({ ctx, input }): Promise<Member> => setRole(ctx.services, ctx.session, input)),

  mute: userProcedure
    .input(memberInputs.mute)
    .mutation(({ ctx, input }): Promise<void> => muteMember(ctx.services, ctx.session, input)),

  unmute: userProcedure
    .input(memberInputs.unmute)
    .mutation(({ ctx, input }): Promise<void> => unmuteMember(ctx.services, ctx.session, input.roomId, input.userId)),
})
