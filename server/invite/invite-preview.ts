import type { InvitePreview } from '../../shared/invite.ts'
import { assertNotBanned } from '../access/ban.ts'
import { memberClock } from '../access/member-now.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { assertGood, findInvite } from './invite-use.ts'

/** The details of a room that a code shows before joining. Refused in every case in which joining would be. */
export function previewInvite(
  services: Pick<Services, 'database'>,
  session: Session,
  code: string,
): Promise<InvitePreview> {
  const { tenantId, userId } = session
  return readSnapshot(services.database.db, async (tx) => {
    const invite = await findInvite(tx, tenantId, code)
    const room = await tx
      .selectFrom('rooms')
      .select(['name', 'member_count', 'archived_at'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', invite.room_id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    if (!room) throw new ChatError('NOT_FOUND')
    const member = await tx
      .selectFrom('members')
      .select(['banned_until', ...memberClock])
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', invite.room_id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
    if (member) assertNotBanned(member)
    if (room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    assertGood(invite)
    const inviter = await tx
      .selectFrom('users')
      .select(['id', 'name', 'picture_url as pictureUrl'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', invite.created_by)
      .executeTakeFirstOrThrow()
    return { roomName: room.name ?? '', memberCount: room.member_count, inviter }
  })
}
