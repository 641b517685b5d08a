import type { Db, InviteRow, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'

/** The invite with this code. A revoked one counts as missing. @throws ChatError NOT_FOUND */
export async function findInvite(db: Db | Tx, tenantId: string, code: string): Promise<InviteRow> {
  const invite = await db
    .selectFrom('invites')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('code', '=', code)
    .executeTakeFirst()
  if (!invite || invite.revoked_at) throw new ChatError('NOT_FOUND')
  return invite
}

/** @throws ChatError INVITE_EXPIRED, INVITE_USED_UP */
export function assertGood({ expires_at: expiresAt, max_uses: maxUses, uses }: InviteRow): void {
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw new ChatError('INVITE_EXPIRED')
  if (maxUses !== null && uses >= maxUses) throw new ChatError('INVITE_USED_UP')
}

/** Counts a use of this code, under the room's lock: invites only change under it. @throws as `findInvite` and `assertGood` */
export async function useInvite(tx: Tx, tenantId: string, code: string): Promise<InviteRow> {
  const invite = await findInvite(tx, tenantId, code)
  assertGood(invite)
  await tx
    .updateTable('invites')
    .set({ uses: invite.uses + 1 })
    .where('tenant_id', '=', tenantId)
    .where('room_id', '=', invite.room_id)
    .where('id', '=', invite.id)
    .execute()
  return invite
}
