import { sql } from 'kysely'
import { outranks, type Permission } from '../../shared/permissions.ts'
import { type Access, accessOf, assertMay } from '../access/access.ts'
import type { MemberNow } from '../access/member-now.ts'
import type { MemberRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from './room-change.ts'

/** A room under its lock, the locked rows of the members whom the change concerns, and the caller's access as those rows say it. */
export interface LockedMembers {
  change: RoomChange
  access: Access
  /** By user id, departed members included. */
  members: Map<string, MemberNow>
}

interface Concerned {
  roomId: string
  permission: Permission
  /** Users whose member rows the change reads or writes, beside the caller's. */
  userIds?: string[]
  /** Locks the row of the room's owner as well. */
  withOwner?: boolean
}

/**
 * A change of a group or a channel by somebody with the right to it. Locks the member rows together, in order, and checks the right
 * from them. @throws ChatError NOT_FOUND, NOT_A_MEMBER, FORBIDDEN, DIRECT_ROOM
 */
export function changeRoomAs<T>(
  services: RoomChangeServices,
  session: Session,
  { roomId, permission, userIds = [], withOwner = false }: Concerned,
  work: (locked: LockedMembers) => Promise<T>,
): Promise<T> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    // The owner changes under the room's lock alone, which makes this answer hold until the row itself is locked.
    const ownerIds = withOwner ? await ownersOf(change) : []
    const members = await change.lockMembers([...new Set([session.userId, ...userIds, ...ownerIds])])
    const access = accessOf(session, change.room, members.get(session.userId))
    assertMay(access, permission)
    assertNotDirect(change)
    return work({ change, access, members })
  })
}

/** @throws ChatError DIRECT_ROOM */
export function assertNotDirect({ room }: RoomChange): void {
  if (room.kind === 'direct') throw new ChatError('DIRECT_ROOM')
}

/** A present member on whom the caller may act, because the caller's role is higher. @throws ChatError NOT_FOUND, FORBIDDEN */
export function requireOutranked({ access, members }: LockedMembers, userId: string): MemberRow {
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
