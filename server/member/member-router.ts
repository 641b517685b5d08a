import { type BannedMember, type Member, memberInputs } from '../../shared/member.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { listBanned } from './banned-list.ts'
import { banMember, unbanMember } from './member-ban.ts'
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

  ban: userProcedure
    .input(memberInputs.ban)
    .mutation(({ ctx, input }): Promise<Member> => banMember(ctx.services, ctx.session, input)),

  unban: userProcedure
    .input(memberInputs.unban)
    .mutation(({ ctx, input }): Promise<Member> => unbanMember(ctx.services, ctx.session, input)),

  banned: userProcedure
    .input(memberInputs.banned)
    .query(({ ctx, input }): Promise<Page<BannedMember>> => listBanned(ctx.services, ctx.session, input)),
})
