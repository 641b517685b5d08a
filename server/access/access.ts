import { mayRole, type Permission } from '../../shared/permissions.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import type { Db, RoomRow, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import { type MemberNow, memberClock } from './member-now.ts'
import { firstVisibleSeq } from './visibility.ts'

/** A room and the caller's membership of it, as read by one statement. */
export interface Access {
  room: RoomRow
  /** Null for a service, which needs no membership. */
  member: MemberNow | null
  /** The first message that the caller may see. */
  fromSeq: number
}

type Caller = Pick<Session, 'tenantId' | 'userId' | 'role'>

/** The caller's access to a room. @throws ChatError NOT_FOUND; NOT_A_MEMBER for a public channel, whose existence is no secret */
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

/** The caller's access according to these rows. @throws as `readAccess` */
export function accessOf(caller: Caller, room: RoomRow, member: MemberNow | undefined): Access {
  if (caller.role === 'service') return { room, member: null, fromSeq: firstVisibleSeq(room, null) }
  if (member && !member.left_at) return { room, member, fromSeq: firstVisibleSeq(room, member) }
  throw new ChatError(isPublic(room) ? 'NOT_A_MEMBER' : 'NOT_FOUND')
}

/** Whether every user of the tenant can find and join the room. */
export const isPublic = (room: Pick<RoomRow, 'kind' | 'is_private'>): boolean =>
  room.kind === 'channel' && !room.is_private

/** @throws ChatError FORBIDDEN unless the table of permissions allows it */
export function assertMay({ member }: Access, permission: Permission): void {
  if (member && !mayRole(member.role, permission)) throw new ChatError('FORBIDDEN')
}

/**
 * Checks the permission to moderate something that exists per room and per tenant: a room requires the caller's role, the tenant
 * requires a service. Returns the access to the room if there is one. @throws ChatError FORBIDDEN, and as `readAccess`
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

/** Whether this event ends the membership that `access` is based on: the caller left, even if a rejoin followed at once. */
export function endsMembership(event: LogEvent, { member }: Access): boolean {
  if (!member || !('member' in event) || event.member.userId !== member.user_id) return false
  return event.member.leftAt !== null || event.member.joinedSeq !== member.joined_seq
}
