import type { Updateable } from 'kysely'
import type { MemberRow, MembersTable } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { endInvites } from '../invite/invite-end.ts'
import type { RoomChange } from '../log/room-change.ts'
import type { Session } from '../rpc/context.ts'

/**
 * Ends a membership and revokes the member's invites. Leaving, removal and bans all use this.
 * @throws ChatError LAST_OWNER if the owner would leave other members behind
 */
export async function endMembership(
  change: RoomChange,
  session: Session,
  member: MemberRow,
  patch: Updateable<MembersTable> = {},
): Promise<MemberRow> {
  assertMayLeave(change, member)
  const row = await change.updateMember(member.user_id, { ...patch, left_at: new Date() })
  await endInvites(change, session, member.user_id)
  return row
}

/** @throws ChatError LAST_OWNER */
function assertMayLeave({ room }: RoomChange, member: MemberRow): void {
  if (member.role === 'owner' && room.member_count > 1) throw new ChatError('LAST_OWNER')
}
