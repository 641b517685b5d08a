import type { Member } from '../../shared/member.ts'
import { FOR_GOOD, NO_BAN } from '../access/ban.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { MemberRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { changeRoomAs, type LockedMembers, requireOutranked } from '../log/authorized-change.ts'
import { toMember } from '../log/member-shape.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import type { Session } from '../rpc/context.ts'
import { endMembership } from './member-departure.ts'

interface Ban {
  userId: string
  until?: Date | undefined
  reason?: string | undefined
}

/**
 * Removes a member and bans them until a time, or until `unban`; a later call replaces an earlier ban. A user who has left can be
 * banned too: their former role no longer matters. @throws ChatError NOT_FOUND for a user who never was a member, FORBIDDEN,
 * LAST_OWNER
 */
export function banMember(
  services: RoomChangeServices,
  session: Session,
  { roomId, ...asked }: Ban & { roomId: string },
): Promise<Member> {
  const wanted = { roomId, userIds: [asked.userId], permission: 'member.ban' as const }
  return changeRoomAs(services, session, wanted, async (locked) => toMember(await ban(locked, session, asked)))
}

/** Bans a member as part of a change. */
export async function ban(locked: LockedMembers, session: Session, { userId, until, reason }: Ban): Promise<MemberRow> {
  const { change, members } = locked
  const known = members.get(userId)
  const departed = known?.left_at ? known : undefined
  const target = departed ?? requireOutranked(locked, userId)
  const columns = {
    banned_at: new Date(),
    banned_until: until ?? FOR_GOOD,
    banned_by: session.userId,
    ban_reason: reason ?? null,
  }
  const isSameTime = departed?.banned_until?.getTime() === columns.banned_until.getTime()
  if (departed && isSameTime && departed.ban_reason === columns.ban_reason) return departed
  const act = { action: 'member.ban' as const, roomId: change.room.id, userId, detail: { until, reason } }
  await recordAct(change.tx, session, act)
  if (!departed) return endMembership(change, session, target, { ...columns, left_reason: reason ?? null })
  await change.updatePrivate(userId, columns)
  return { ...departed, ...columns }
}

/** Lifts a ban; does nothing if there is none. */
export function unbanMember(
  services: RoomChangeServices,
  session: Session,
  { roomId, userId }: { roomId: string; userId: string },
): Promise<Member> {
  const wanted = { roomId, userIds: [userId], permission: 'member.ban' as const }
  return changeRoomAs(services, session, wanted, async ({ change, members }) => {
    const target = members.get(userId)
    if (!target)
      throw new ChatError('NOT_FOUND', { message: `Unable to find the member; ${userId} has never been in this room` })
    if (target.banned_until) {
      await change.updatePrivate(userId, NO_BAN)
      await recordAct(change.tx, session, { action: 'member.unban', roomId, userId })
    }
    return toMember(target)
  })
}
