import { sql, type Updateable } from 'kysely'
import { outranks, type Permission } from '../../shared/permissions.ts'
import type { MemberRow, MembersTable } from '../db/database.ts'
import { endInvites } from '../invite/invite-end.ts'
import type { MemberNow } from '../room-log/member-now.ts'
import { changeRoom, type RoomChange } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { type Access, accessOf, assertMay } from './access.ts'

/** A change of a room's members, under way. */
export interface MemberStep {
  change: RoomChange
  access: Access
  /** The rows of the users concerned, departed ones included. */
  members: Map<string, MemberNow>
}

interface Concerned {
  roomId: string
  userIds: string[]
  permission: Permission
  /** The room's owner is concerned as well. */
  withOwner?: boolean
}

/** Locks the caller's and the concerned users' rows together, in order, and checks the right from them. */
export function changeMembers<T>(
  services: Services,
  session: Session,
  { roomId, userIds, permission, withOwner = false }: Concerned,
  work: (step: MemberStep) => Promise<T>,
): Promise<T> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    // Who owns the room changes under its lock alone, so the answer holds until the row itself is locked.
    const ownerIds = withOwner ? await ownersOf(change) : []
    const members = await change.lockMembers([...new Set([session.userId, ...userIds, ...ownerIds])])
    const access = accessOf(session, change.room, members.get(session.userId))
    assertMay(access, permission)
    if (change.room.kind === 'direct') throw new ChatError('DIRECT_ROOM')
    return work({ change, access, members })
  })
}

/** @throws ChatError LAST_OWNER where the owner would leave others behind */
export function assertMayGo({ change }: MemberStep, target: MemberRow): void {
  if (target.role === 'owner' && change.room.member_count > 1) throw new ChatError('LAST_OWNER')
}

/** Ends a membership, and the invites that the member made: all who leave, by whatever way, leave by this one. */
export async function depart(
  change: RoomChange,
  session: Session,
  userId: string,
  patch: Updateable<MembersTable> = {},
): Promise<MemberRow> {
  const row = await change.updateMember(userId, { ...patch, left_at: new Date() })
  await endInvites(change, session, userId)
  return row
}

/** A member on whom the caller may act: present, and of a lower role. @throws ChatError NOT_FOUND, FORBIDDEN */
export function subordinate({ access, members }: MemberStep, userId: string): MemberRow {
  const target = members.get(userId)
  if (!target || target.left_at)
    throw new ChatError('NOT_FOUND', { message: `Unable to find it; ${userId} is not a member` })
  if (access.member && !outranks(access.member.role, target.role)) throw new ChatError('FORBIDDEN')
  return target
}

/** By the index that there is for it: the role is part of the statement, so that every plan may use it. */
async function ownersOf({ tx, room }: RoomChange): Promise<string[]> {
  const owners = await tx
    .selectFrom('members')
    .select('user_id')
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('role', '=', sql.lit('owner'))
    .where('left_at', 'is', null)
    .execute()
  return owners.map((owner) => owner.user_id)
}
