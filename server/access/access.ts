import { mayRole, type Permission } from '../../shared/permissions.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import type { Db, RoomRow, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import { type MemberNow, memberClock } from './member-now.ts'
import { firstVisibleSeq } from './visibility.ts'

/** A room and the caller's place in it, as one statement saw them. */
export interface Access {
  room: RoomRow
  /** Null for a service, which needs no membership. */
  member: MemberNow | null
  /** The first message that the caller may see. */
  fromSeq: number
}

type Caller = Pick<Session, 'tenantId' | 'userId' | 'role'>

/** The caller's access to a room. @throws ChatError NOT_FOUND; NOT_A_MEMBER for a public channel, which everybody may know of */
export async function readAccess(db: Db | Tx, caller: Caller, roomId: string): Promise<Access> {
  const room = await db
    .selectFrom('rooms')
    .selectAll()
    .where('tenant_id', '=', caller.tenantId)
    .where('id', '=', roomId)
    .executeTakeFirst()
  if (!room || room.deleted_at) throw new ChatError('NOT_FOUND')
  const member = await db
    .selectFrom('members')
    .selectAll()
    .select(memberClock)
    .where('tenant_id', '=', caller.tenantId)
    .where('room_id', '=', roomId)
    .where('user_id', '=', caller.userId)
    .executeTakeFirst()
  return accessOf(caller, room, member)
}

/** What the rows say of the caller. @throws as `readAccess` */
export function accessOf(caller: Caller, room: RoomRow, member: MemberNow | undefined): Access {
  if (caller.role === 'service') return { room, member: null, fromSeq: firstVisibleSeq(room, null) }
  if (member && !member.left_at) return { room, member, fromSeq: firstVisibleSeq(room, member) }
  throw new ChatError(isPublic(room) ? 'NOT_A_MEMBER' : 'NOT_FOUND')
}

/** Whether anybody of the tenant may find and join the room. */
export const isPublic = (room: Pick<RoomRow, 'kind' | 'is_private'>): boolean =>
  room.kind === 'channel' && !room.is_private

/** @throws ChatError FORBIDDEN where the table of permissions does not allow it */
export function assertMay({ member }: Access, permission: Permission): void {
  if (member && !mayRole(member.role, permission)) throw new ChatError('FORBIDDEN')
}

/**
 * The right to something that a room has and its tenant has too: in a room by role, in the tenant for a service. Answers with the access to
 * the room, where there is one. @throws ChatError FORBIDDEN, and as `readAccess`
 */
export async function assertMayModerate(
  db: Db | Tx,
  caller: Caller,
  roomId: string | undefined,
  permission: Permission,
): Promise<Access | undefined> {
  if (roomId === undefined && caller.role !== 'service') throw new ChatError('FORBIDDEN')
  if (roomId === undefined) return undefined
  const access = await readAccess(db, caller, roomId)
  assertMay(access, permission)
  return access
}

/** Whether this event ends the membership that `access` rests on: the caller left, also where a re-join followed at once. */
export function endsMembership(event: LogEvent, { member }: Access): boolean {
  if (!member || !('member' in event) || event.member.userId !== member.user_id) return false
  return event.member.leftAt !== null || event.member.joinedSeq !== member.joined_seq
}
