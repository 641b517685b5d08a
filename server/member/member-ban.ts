import type { Member } from '../../shared/member.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { MemberRow } from '../db/database.ts'
import { toMember } from '../room-log/member-shape.ts'
import { FOR_GOOD, NO_BAN } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { assertMayGo, changeMembers, depart, type MemberStep, subordinate } from './member-step.ts'

interface Ban {
  userId: string
  until?: Date | undefined
  reason?: string | undefined
}

/**
 * Removes a member and keeps them out until a time, or until `unban`; a later call replaces an earlier one. Who has left before can be
 * kept out too: of an earlier role nothing is left. @throws ChatError NOT_FOUND for who never was a member, FORBIDDEN, LAST_OWNER
 */
export function banMember(
  services: Services,
  session: Session,
  { roomId, ...ban }: Ban & { roomId: string },
): Promise<Member> {
  const wanted = { roomId, userIds: [ban.userId], permission: 'member.ban' as const }
  return changeMembers(services, session, wanted, async (step) => toMember(await putBan(step, session, ban)))
}

/** Bans in the course of a change. */
export async function putBan(step: MemberStep, session: Session, { userId, until, reason }: Ban): Promise<MemberRow> {
  const { change, members } = step
  const departed = members.get(userId)?.left_at ? members.get(userId) : undefined
  if (!departed) assertMayGo(step, subordinate(step, userId))
  const ban = {
    banned_at: new Date(),
    banned_until: until ?? FOR_GOOD,
    banned_by: session.userId,
    ban_reason: reason ?? null,
  }
  const isSameTime = departed?.banned_until?.getTime() === ban.banned_until.getTime()
  if (departed && isSameTime && departed.ban_reason === ban.ban_reason) return departed
  const act = { action: 'member.ban' as const, roomId: change.room.id, userId, detail: { until, reason } }
  await recordAct(change.tx, session, act)
  if (!departed) return depart(change, session, userId, { ...ban, left_reason: reason ?? null })
  await change.noteMember(userId, ban)
  return { ...departed, ...ban }
}

/** Lets somebody come in again; where there is no ban it changes nothing. */
export function unbanMember(
  services: Services,
  session: Session,
  { roomId, userId }: { roomId: string; userId: string },
): Promise<Member> {
  const wanted = { roomId, userIds: [userId], permission: 'member.ban' as const }
  return changeMembers(services, session, wanted, async ({ change, members }) => {
    const target = members.get(userId)
    if (!target) throw new ChatError('NOT_FOUND', { message: `Unable to find it; ${userId} never was a member` })
    if (target.banned_until) {
      await change.noteMember(userId, NO_BAN)
      await recordAct(change.tx, session, { action: 'member.unban', roomId, userId })
    }
    return toMember(target)
  })
}
