import { type Invite, type InvitePreview, inviteInputs } from '../../shared/invite.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { createInvite, listInvites, revokeInvite } from './invite-manage.ts'
import { previewInvite } from './invite-preview.ts'

export const inviteRouter = router({
  create: userProcedure
    .input(inviteInputs.create)
    .mutation(({ ctx, input }): Promise<Invite> => createInvite(ctx.services, ctx.session, input)),

  list: userProcedure
    .input(inviteInputs.list)
    .query(({ ctx, input }): Promise<Page<Invite>> => listInvites(ctx.services, ctx.session, input)),

  revoke: userProcedure
    .input(inviteInputs.revoke)
    .mutation(({ ctx, input }): Promise<Invite> => revokeInvite(ctx.services, ctx.session, input)),

  preview: userProcedure
    .input(inviteInputs.preview)
    .query(({ ctx, input }): Promise<InvitePreview> => previewInvite(ctx.services, ctx.session, input.inviteCode)),
})
