import { sql } from 'kysely'
import { outranks, type Permission } from '../../shared/permissions.ts'
import { type Access, accessOf, assertMay } from '../access/access.ts'
import type { MemberNow } from '../access/member-now.ts'
import type { MemberRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from './room-change.ts'

/** A room under its lock, the locked rows of the members involved, and the caller's access according to those rows. */
export interface LockedMembers {
  change: RoomChange
  access: Access
  /** The locked rows by user id, including those of departed members. */
  members: Map<string, MemberNow>
}

interface Concerned {
  roomId: string
  permission: Permission
  /** Users whose member rows the change reads or writes, in addition to the caller's. */
  userIds?: string[]
  /** Also locks the row of the room's owner. */
  withOwner?: boolean
}

/**
 * Changes a group or channel on behalf of a caller who needs permission for it. Locks the member rows together, in order, and
 * checks the permission against them. @throws ChatError NOT_FOUND, NOT_A_MEMBER, FORBIDDEN, DIRECT_ROOM
 */
export function changeRoomAs<T>(
  services: RoomChangeServices,
  session: Session,
  { roomId, permission, userIds = [], withOwner = false }: Concerned,
  work: (locked: LockedMembers) => Promise<T>,
): Promise<T> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    // The owner changes only under the room's lock, so this answer stays valid until the row itself is locked.
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

/** A present member whose role is below the caller's. @throws ChatError NOT_FOUND, FORBIDDEN */
export function requireOutranked({ access, members }: LockedMembers, userId: string): MemberRow {
  const target = members.get(userId)
  if (!target || target.left_at)
    throw new ChatError('NOT_FOUND', { message: `Unable to find the member; ${userId} is not in this room` })
  if (access.member && !outranks(access.member.role, target.role)) throw new ChatError('FORBIDDEN')
  return target
}

/** Uses the index on owners: the role is a literal in the statement, which lets every plan use that index. */
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
