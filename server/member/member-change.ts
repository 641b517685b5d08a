import type { Member } from '../../shared/member.ts'
import { type MemberRole, mayRole, outranks } from '../../shared/permissions.ts'
import { type Act, recordAct, recordActs } from '../audit/audit-write.ts'
import type { MemberRow } from '../db/database.ts'
import { endInvites } from '../invite/invite-end.ts'
import { toMember } from '../room-log/member-shape.ts'
import { FOR_GOOD } from '../room-log/room-change.ts'
import { ChatError, invalidInput } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { lockUsers } from '../user/lock-users.ts'
import { assertMayGo, changeMembers, depart, type MemberStep, subordinate } from './member-step.ts'

/** Adds users of the tenant, all or none; who is a member already stays as they are. Answers in the order asked. */
export function addMembers(services: Services, session: Session, roomId: string, userIds: string[]): Promise<Member[]> {
  const wanted = { roomId, userIds, permission: 'member.add' as const }
  return changeMembers(services, session, wanted, async ({ change, members }) => {
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const users = await lockUsers(change.tx, session.tenantId, userIds)
    const missing = userIds.findIndex((id) => !users.has(id))
    if (missing !== -1) throw invalidInput(`userIds.${missing}`, `no user ${userIds[missing]}`)
    const joinedAt = new Date()
    const joining = [...new Set(userIds)].flatMap((userId) => {
      const user = users.get(userId)
      const present = members.get(userId)
      if (!user || (present && !present.left_at)) return []
      return { user_id: userId, user_name: user.name, user_picture_url: user.picture_url, joined_at: joinedAt }
    })
    const present = new Map<string, MemberRow>(members)
    const joined = await change.joinAll(joining)
    for (const row of joined) present.set(row.user_id, row)
    const acts = joined.map(({ user_id: userId }): Act => ({ action: 'member.add', roomId, userId }))
    await recordActs(change.tx, session, acts)
    return userIds.flatMap((id) => present.get(id) ?? []).map(toMember)
  })
}

export function removeMember(
  services: Services,
  session: Session,
  { roomId, userId, reason }: { roomId: string; userId: string; reason?: string | undefined },
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.remove' as const }
  return changeMembers(services, session, wanted, (step) => expel(step, session, { userId, reason }))
}

/** Removes a member in the course of a change. @throws ChatError NOT_FOUND, FORBIDDEN, LAST_OWNER */
export async function expel(
  step: MemberStep,
  session: Session,
  { userId, reason }: { userId: string; reason?: string | undefined },
): Promise<void> {
  assertMayGo(step, subordinate(step, userId))
  const roomId = step.change.room.id
  await recordAct(step.change.tx, session, { action: 'member.remove', roomId, userId, detail: { reason } })
  await depart(step.change, session, userId, { left_reason: reason ?? null })
}

/**
 * Gives a member another role, below the caller's own. An owner who names another owner hands the room over and becomes an admin. Where the
 * role may not invite any more, the member's invites end.
 */
export function setRole(
  services: Services,
  session: Session,
  { roomId, userId, role }: { roomId: string; userId: string; role: MemberRole },
): Promise<Member> {
  const wanted = { roomId, userIds: [userId], permission: 'member.setRole' as const, withOwner: role === 'owner' }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    if (target.role === role) return toMember(target)
    const changed = role === 'owner' ? await handOver(step, target) : await giveRole(step, target, role)
    const detail = { from: target.role, to: role }
    await recordAct(step.change.tx, session, { action: 'member.setRole', roomId, userId, detail })
    if (!mayRole(changed.role, 'invite.create')) await endInvites(step.change, session, userId)
    return toMember(changed)
  })
}

async function giveRole({ change, access }: MemberStep, target: MemberRow, role: MemberRole): Promise<MemberRow> {
  if (target.role === 'owner') throw new ChatError('LAST_OWNER')
  if (access.member && !outranks(access.member.role, role)) throw new ChatError('FORBIDDEN')
  return change.updateMember(target.user_id, { role })
}

async function handOver({ change, access, members }: MemberStep, heir: MemberRow): Promise<MemberRow> {
  if (access.member && access.member.role !== 'owner') throw new ChatError('FORBIDDEN')
  const owner = members.values().find((member) => member.role === 'owner' && !member.left_at)
  if (owner) await change.updateMember(owner.user_id, { role: 'admin' })
  return change.updateMember(heir.user_id, { role: 'owner' })
}

interface MuteInput {
  roomId: string
  userId: string
  until?: Date | undefined
  reason?: string | undefined
}

/** Keeps a member from sending and editing until a time, or until `unmute`; a later call replaces an earlier one. */
export function muteMember(
  services: Services,
  session: Session,
  { roomId, userId, until, reason }: MuteInput,
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.mute' as const }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    const mute = { muted_until: until ?? FOR_GOOD, mute_reason: reason ?? null }
    const isSameTime = target.muted_until?.getTime() === mute.muted_until.getTime()
    if (isSameTime && target.mute_reason === mute.mute_reason) return
    await step.change.updateMember(userId, mute)
    await recordAct(step.change.tx, session, { action: 'member.mute', roomId, userId, detail: { until, reason } })
  })
}

export function unmuteMember(services: Services, session: Session, roomId: string, userId: string): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.mute' as const }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    if (!target.muted_until) return
    await step.change.updateMember(userId, { muted_until: null, mute_reason: null })
    await recordAct(step.change.tx, session, { action: 'member.unmute', roomId, userId })
  })
}
