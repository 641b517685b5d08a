import type { Member } from '../../shared/member.ts'
import { type MemberRole, outranks, type Permission } from '../../shared/permissions.ts'
import type { MemberRow } from '../db/database.ts'
import { toMember } from '../room-log/member-shape.ts'
import { changeRoom, type RoomChange } from '../room-log/room-change.ts'
import { ChatError, invalidInput } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { lockUsers } from '../user/lock-users.ts'
import { type Access, accessOf, assertMay } from './access.ts'

interface Step {
  change: RoomChange
  access: Access
  /** The rows of the users concerned, departed ones included. */
  members: Map<string, MemberRow>
}

/** Locks the caller's and the concerned users' rows together, in order, and checks the right from them. */
function changeMembers<T>(
  services: Services,
  session: Session,
  { roomId, userIds, permission }: { roomId: string; userIds: string[]; permission: Permission },
  work: (step: Step) => Promise<T>,
): Promise<T> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const members = await change.lockMembers([...new Set([session.userId, ...userIds])])
    const access = accessOf(session, change.room, members.get(session.userId))
    assertMay(access, permission)
    if (change.room.kind === 'direct') throw new ChatError('DIRECT_ROOM')
    return work({ change, access, members })
  })
}

/** A member on whom the caller may act: present, and of a lower role. @throws ChatError NOT_FOUND, FORBIDDEN */
function subordinate({ access, members }: Step, userId: string): MemberRow {
  const target = members.get(userId)
  if (!target || target.left_at)
    throw new ChatError('NOT_FOUND', { message: `Unable to find it; ${userId} is not a member` })
  if (access.member && !outranks(access.member.role, target.role)) throw new ChatError('FORBIDDEN')
  return target
}

/** Adds users of the tenant, all or none; who is a member already stays as they are. Answers in the order asked. */
export function addMembers(services: Services, session: Session, roomId: string, userIds: string[]): Promise<Member[]> {
  const wanted = { roomId, userIds, permission: 'member.add' as const }
  return changeMembers(services, session, wanted, async ({ change, members }) => {
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const users = await lockUsers(change.tx, session.tenantId, userIds)
    const missing = userIds.findIndex((id) => !users.has(id))
    if (missing !== -1) throw invalidInput(`userIds.${missing}`, `no user ${userIds[missing]}`)
    const joinedAt = new Date()
    for (const user of users.values()) {
      const present = members.get(user.id)
      if (present && !present.left_at) continue
      const joining = {
        user_id: user.id,
        user_name: user.name,
        user_picture_url: user.picture_url,
        joined_at: joinedAt,
      }
      // One statement a member, since each takes a seq of its own.
      members.set(user.id, await change.join({ ...joining, role: 'member' }))
    }
    return userIds.flatMap((id) => members.get(id) ?? []).map(toMember)
  })
}

export function removeMember(
  services: Services,
  session: Session,
  { roomId, userId, reason }: { roomId: string; userId: string; reason?: string | undefined },
): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.remove' as const }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    if (target.role === 'owner' && step.change.room.member_count > 1) throw new ChatError('LAST_OWNER')
    await step.change.updateMember(userId, { left_at: new Date(), left_reason: reason ?? null })
  })
}

/**
 * Gives a member another role, below the caller's own. An owner who names another owner hands the room over and becomes an admin.
 */
export function setRole(
  services: Services,
  session: Session,
  { roomId, userId, role }: { roomId: string; userId: string; role: MemberRole },
): Promise<Member> {
  const wanted = { roomId, userIds: [userId], permission: 'member.setRole' as const }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    if (target.role === role) return toMember(target)
    if (role === 'owner') return toMember(await handOver(step, target))
    if (target.role === 'owner') throw new ChatError('LAST_OWNER')
    if (step.access.member && !outranks(step.access.member.role, role)) throw new ChatError('FORBIDDEN')
    return toMember(await step.change.updateMember(userId, { role }))
  })
}

async function handOver({ change, access }: Step, heir: MemberRow): Promise<MemberRow> {
  if (access.member && access.member.role !== 'owner') throw new ChatError('FORBIDDEN')
  const owner = await change.tx
    .selectFrom('members')
    .select('user_id')
    .where('tenant_id', '=', change.room.tenant_id)
    .where('room_id', '=', change.room.id)
    .where('role', '=', 'owner')
    .where('left_at', 'is', null)
    .executeTakeFirst()
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
    subordinate(step, userId)
    await step.change.updateMember(userId, { muted_until: until ?? FOR_GOOD, mute_reason: reason ?? null })
  })
}

export function unmuteMember(services: Services, session: Session, roomId: string, userId: string): Promise<void> {
  const wanted = { roomId, userIds: [userId], permission: 'member.mute' as const }
  return changeMembers(services, session, wanted, async (step) => {
    const target = subordinate(step, userId)
    if (target.muted_until) await step.change.updateMember(userId, { muted_until: null, mute_reason: null })
  })
}

/** Far enough, and still a date that every client can read. */
const FOR_GOOD = new Date('9999-12-31T00:00:00Z')
