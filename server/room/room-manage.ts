import type { z } from 'zod'
import type { Member } from '../../shared/member.ts'
import type { Permission } from '../../shared/permissions.ts'
import type { roomInputs } from '../../shared/room.ts'
import { accessOf, assertMay, isPublic } from '../member/access.ts'
import { toMember } from '../room-log/member-shape.ts'
import { changeRoom, type RoomChange } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { lockUsers } from '../user/lock-users.ts'

type UpdateInput = z.output<typeof roomInputs.update>

/** A change of a room by one of its members with the right to it, checked under the room's lock. */
function changeRoomAs<T>(
  services: Services,
  session: Session,
  { roomId, permission }: { roomId: string; permission: Permission },
  work: (change: RoomChange) => Promise<T>,
): Promise<T> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const members = await change.lockMembers([session.userId])
    assertMay(accessOf(session, change.room, members.get(session.userId)), permission)
    return work(change)
  })
}

const assertNotDirect = ({ room }: RoomChange) => {
  if (room.kind === 'direct') throw new ChatError('DIRECT_ROOM')
}

/** Changes what is named and leaves the rest. A member who joins later sees history as it is set then. */
export function updateRoom(services: Services, session: Session, { roomId, ...input }: UpdateInput): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.update' }, async (change) => {
    assertNotDirect(change)
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const patch = {
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.isPrivate === undefined ? {} : { is_private: input.isPrivate }),
      ...(input.slowModeSeconds === undefined ? {} : { slow_mode_seconds: input.slowModeSeconds }),
      ...(input.historyVisibility === undefined ? {} : { history_visibility: input.historyVisibility }),
      ...(input.meta === undefined ? {} : { meta: JSON.stringify(input.meta) }),
    }
    if (Object.keys(patch).length > 0) change.updateRoom(patch)
  })
}

/** Archiving and its opposite; either is done once, a repetition changes nothing. */
export function setArchived(services: Services, session: Session, roomId: string, isArchived: boolean): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.archive' }, async (change) => {
    assertNotDirect(change)
    if ((change.room.archived_at !== null) !== isArchived)
      change.updateRoom({ archived_at: isArchived ? new Date() : null })
  })
}

/** Freezing and its opposite: a frozen room is read but not written in. */
export function setFrozen(services: Services, session: Session, roomId: string, isFrozen: boolean): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.archive' }, async (change) => {
    assertNotDirect(change)
    if ((change.room.frozen_at !== null) !== isFrozen) change.updateRoom({ frozen_at: isFrozen ? new Date() : null })
  })
}

/** Ends a room for everybody: streams end with `room.deleted`, and every call answers as if it had never been. */
export function deleteRoom(services: Services, session: Session, roomId: string): Promise<void> {
  return changeRoomAs(services, session, { roomId, permission: 'room.delete' }, async (change) => {
    assertNotDirect(change)
    change.updateRoom({ deleted_at: new Date() }, 'room.deleted')
  })
}

/** Joins a public channel. Joining again changes nothing. @throws ChatError NOT_FOUND for a room that is not public */
export function joinRoom(services: Services, session: Session, roomId: string): Promise<Member> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const member = (await change.lockMembers([session.userId])).get(session.userId)
    if (member && !member.left_at) return toMember(member)
    if (!isPublic(change.room) && session.role !== 'service') throw new ChatError('NOT_FOUND')
    assertNotDirect(change)
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const user = (await lockUsers(change.tx, session.tenantId, [session.userId])).get(session.userId)
    if (!user) throw new ChatError('NOT_FOUND')
    return toMember(
      await change.join({
        user_id: user.id,
        user_name: user.name,
        user_picture_url: user.picture_url,
        role: 'member',
        joined_at: new Date(),
      }),
    )
  })
}

/** Leaves a room. An owner hands it over first, unless nobody else is there. @throws ChatError LAST_OWNER, DIRECT_ROOM */
export function leaveRoom(services: Services, session: Session, roomId: string): Promise<void> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const member = (await change.lockMembers([session.userId])).get(session.userId)
    accessOf(session, change.room, member)
    if (!member || member.left_at) throw new ChatError('NOT_A_MEMBER')
    assertNotDirect(change)
    if (member.role === 'owner' && change.room.member_count > 1) throw new ChatError('LAST_OWNER')
    await change.updateMember(session.userId, { left_at: new Date() })
  })
}
