import type { Member } from '../../shared/member.ts'
import { type MemberRole, mayRole, outranks } from '../../shared/permissions.ts'
import { FOR_GOOD } from '../access/ban.ts'
import { type Act, recordAct, recordActs } from '../audit/audit-write.ts'
import type { MemberRow } from '../db/schema.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { endInvites } from '../invite/invite-end.ts'
import { changeRoomAs, type LockedMembers, requireOutranked } from '../log/authorized-change.ts'
import { toMember } from '../log/member-shape.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import { lockUsers } from '../log/user-rows.ts'
import type { Session } from '../rpc/context.ts'
import { endMembership } from './member-departure.ts'

/** Adds users of the tenant, all or none. Existing members stay unchanged. Returns them in the requested order. */
export function addMembers(
  services: RoomChangeServices,
  session: Session,
  roomId: string,
  userIds: string[],
): Promise<Member[]> {
  const wanted = { roomId, userIds, permission: 'member.add' as const }
  return changeRoomAs(services, session, wanted, async ({ change, members }) => {
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const users = await lockUsers(change.tx, session.tenantId, userIds)
    const missing = userIds.findIndex((id) => !users.has(id))
    if (missing !== -1) throw invalidInput(`userIds.${missing}`, `user ${userIds[missing]} does not exist`)
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
  services: RoomChangeServices,
  session: Session,
  { roomId, userId, reason }: { roomId: string; userId: string; reason?: string | undefined },
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.remove' as const }
  return changeRoomAs(services, session, wanted, (locked) => remove(locked, session, { userId, reason }))
}

/** Removes a member as part of a change. @throws ChatError NOT_FOUND, FORBIDDEN, LAST_OWNER */
export async function remove(
  locked: LockedMembers,
  session: Session,
  { userId, reason }: { userId: string; reason?: string | undefined },
): Promise<void> {
  const { change } = locked
  const target = requireOutranked(locked, userId)
  await recordAct(change.tx, session, { action: 'member.remove', roomId: change.room.id, userId, detail: { reason } })
  await endMembership(change, session, target, { left_reason: reason ?? null })
}

/**
 * Gives a member another role, below the caller's own. An owner who makes another member the owner transfers the room and becomes
 * an admin. If the new role may not invite, the member's invites end.
 */
export function setRole(
  services: RoomChangeServices,
  session: Session,
  { roomId, userId, role }: { roomId: string; userId: string; role: MemberRole },
): Promise<Member> {
  const wanted = { roomId, userIds: [userId], permission: 'member.setRole' as const, withOwner: role === 'owner' }
  return changeRoomAs(services, session, wanted, async (locked) => {
    const target = requireOutranked(locked, userId)
    if (target.role === role) return toMember(target)
    const changed = role === 'owner' ? await transferOwnership(locked, target) : await giveRole(locked, target, role)
    const detail = { from: target.role, to: role }
    await recordAct(locked.change.tx, session, { action: 'member.setRole', roomId, userId, detail })
    if (!mayRole(changed.role, 'invite.create')) await endInvites(locked.change, session, userId)
    return toMember(changed)
  })
}

async function giveRole({ change, access }: LockedMembers, target: MemberRow, role: MemberRole): Promise<MemberRow> {
  if (target.role === 'owner') throw new ChatError('LAST_OWNER')
  if (access.member && !outranks(access.member.role, role)) throw new ChatError('FORBIDDEN')
  return change.updateMember(target.user_id, { role })
}

async function transferOwnership({ change, access, members }: LockedMembers, heir: MemberRow): Promise<MemberRow> {
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

/** Prevents a member from sending and editing until a time, or until `unmute`; a later call replaces an earlier mute. */
export function muteMember(
  services: RoomChangeServices,
  session: Session,
  { roomId, userId, until, reason }: MuteInput,
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.mute' as const }
  return changeRoomAs(services, session, wanted, async (locked) => {
    const target = requireOutranked(locked, userId)
    const mute = { muted_until: until ?? FOR_GOOD, mute_reason: reason ?? null }
    const isSameTime = target.muted_until?.getTime() === mute.muted_until.getTime()
    if (isSameTime && target.mute_reason === mute.mute_reason) return
    await locked.change.updateMember(userId, mute)
    await recordAct(locked.change.tx, session, { action: 'member.mute', roomId, userId, detail: { until, reason } })
  })
}

export function unmuteMember(
  services: RoomChangeServices,
  session: Session,
  roomId: string,
  userId: string,
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.mute' as const }
  return changeRoomAs(services, session, wanted, async (locked) => {
    const target = requireOutranked(locked, userId)
    if (!target.muted_until) return
    await locked.change.updateMember(userId, { muted_until: null, mute_reason: null })
    await recordAct(locked.change.tx, session, { action: 'member.unmute', roomId, userId })
  })
}
