import type { z } from 'zod'
import type { Member } from '../../shared/member.ts'
import type { roomInputs } from '../../shared/room.ts'
import { accessOf, isPublic } from '../access/access.ts'
import { assertNotBanned } from '../access/ban.ts'
import { recordAct } from '../audit/audit-write.ts'
import { ChatError } from '../errors/chat-error.ts'
import { findInvite, useInvite } from '../invite/invite-use.ts'
import { assertNotDirect } from '../log/authorized-change.ts'
import { toMember } from '../log/member-shape.ts'
import { changeRoom, type RoomChangeServices } from '../log/room-change.ts'
import { lockUsers } from '../log/user-rows.ts'
import { endMembership } from '../member/member-departure.ts'
import type { Services, Session } from '../rpc/context.ts'

type JoinInput = z.output<typeof roomInputs.join>

/**
 * Joins a public channel, or any room by an invite. Existing members stay unchanged and use up no invite. An invite's code still
 * reveals that it has expired or that the room is archived; a revoked one is not found.
 * @throws ChatError NOT_FOUND, MEMBER_BANNED, ROOM_ARCHIVED, INVITE_EXPIRED, INVITE_USED_UP
 */
export async function joinRoom(services: RoomChangeServices, session: Session, input: JoinInput): Promise<Member> {
  const { tenantId, userId } = session
  const code = 'inviteCode' in input ? input.inviteCode : undefined
  const roomId = 'roomId' in input ? input.roomId : await roomOfInvite(services, session, input.inviteCode)
  return changeRoom(services, { tenantId, roomId }, async (change) => {
    const member = (await change.lockMembers([userId])).get(userId)
    if (member && !member.left_at) return toMember(member)
    if (code === undefined && !isPublic(change.room) && session.role !== 'service') throw new ChatError('NOT_FOUND')
    assertNotDirect(change)
    if (member) assertNotBanned(member)
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const invite = code === undefined ? undefined : await useInvite(change.tx, tenantId, code)
    const user = (await lockUsers(change.tx, tenantId, [userId])).get(userId)
    if (!user) throw new ChatError('NOT_FOUND')
    const { id, name, picture_url: pictureUrl } = user
    const newcomer = { user_id: id, user_name: name, user_picture_url: pictureUrl, joined_at: new Date() }
    const joined = toMember(await change.join(newcomer))
    if (invite) {
      const { id: inviteId, created_by: inviterId } = invite
      await recordAct(change.tx, session, { action: 'room.join', roomId, userId: inviterId, detail: { inviteId } })
    } else if (!isPublic(change.room)) {
      // Only a service gets here: it needs no permission to join.
      await recordAct(change.tx, session, { action: 'member.add', roomId, userId })
    }
    return joined
  })
}

async function roomOfInvite(
  { database }: Pick<Services, 'database'>,
  { tenantId }: Session,
  code: string,
): Promise<string> {
  return (await findInvite(database.db, tenantId, code)).room_id
}

/**
 * Leaves a room and revokes the caller's invites. An owner must transfer the room first, unless they are the last member; the
 * next user to join then becomes the owner.
 * @throws ChatError LAST_OWNER, DIRECT_ROOM
 */
export function leaveRoom(services: RoomChangeServices, session: Session, roomId: string): Promise<void> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const member = (await change.lockMembers([session.userId])).get(session.userId)
    accessOf(session, change.room, member)
    if (!member || member.left_at) throw new ChatError('NOT_A_MEMBER')
    assertNotDirect(change)
    await endMembership(change, session, member)
  })
}
