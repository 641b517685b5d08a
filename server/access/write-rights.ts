import type { RoomRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import type { Access } from './access.ts'
import type { MemberNow } from './member-now.ts'

/*
 * The rights to write, for every way in which somebody reaches the others in a room. The first state that holds names the refusal:
 *
 *   state of the room or the member        reason          whom and what it binds
 *   the room is not there, or deleted      NOT_FOUND       everybody
 *   not a member: never was, has left,     NOT_A_MEMBER    everybody but services, which need no membership where they act for
 *   was removed or banned                                  no member; NOT_FOUND where the caller may not know of the room
 *   archived                               ROOM_ARCHIVED   everybody, and the deletion of messages too
 *   frozen                                 ROOM_FROZEN     everybody but services
 *   blocked by the other of a direct room  BLOCKED         everybody but services
 *   muted                                  MUTED           everybody but services
 *   slow mode                              SLOW_MODE       sends of the role `member`, but of services
 *
 * Writing is to send (also in a thread, forwarded, or scheduled, when its time comes), to edit, to add or take back a reaction, to pin
 * and unpin, to take a nickname, and to say that one types. To stop typing and to delete what one wrote reaches nobody with anything new:
 * neither is refused to a member who may not write. Whether a role may do the act at all (`PERMISSIONS`) is asked first.
 *
 * `accessOf` gives the first two rows, `send-batch.ts` the last one. The rows between are below, in both forms: for what TypeScript
 * decides, and in SQL for the one statement that sends a batch. Time is Postgres's in both.
 */

interface WriteRule {
  reason: 'ROOM_ARCHIVED' | 'ROOM_FROZEN' | 'BLOCKED' | 'MUTED'
  bindsServices: boolean
  holds(
    room: Pick<RoomRow, 'archived_at' | 'frozen_at'>,
    member: Pick<MemberNow, 'blocked_at' | 'muted_ms'> | null,
  ): boolean
  /** The same of `room` and `sender`, as the statement has locked them. */
  sql: string
}

const isMuted = (member: Pick<MemberNow, 'muted_ms'> | null): boolean => (member?.muted_ms ?? 0) > 0

const WRITE_RULES: readonly WriteRule[] = [
  {
    reason: 'ROOM_ARCHIVED',
    bindsServices: true,
    holds: (room) => room.archived_at !== null,
    sql: 'room.archived_at is not null',
  },
  {
    reason: 'ROOM_FROZEN',
    bindsServices: false,
    holds: (room) => room.frozen_at !== null,
    sql: 'room.frozen_at is not null',
  },
  {
    reason: 'BLOCKED',
    bindsServices: false,
    holds: (_, member) => member !== null && member.blocked_at !== null,
    sql: 'sender.blocked_at is not null',
  },
  {
    reason: 'MUTED',
    bindsServices: false,
    holds: (_, member) => isMuted(member),
    sql: 'sender.muted_until > clock_timestamp()',
  },
]

/** Branches of the batch's `case`: first those that bind services, then, once a service is through, the others. */
export const writeRulesSql = ({ bindsServices }: Pick<WriteRule, 'bindsServices'>): string =>
  WRITE_RULES.filter((rule) => rule.bindsServices === bindsServices)
    .map((rule) => `when ${rule.sql} then '${rule.reason}'`)
    .join('\n      ')

type Written = Pick<Access, 'room' | 'member'>

/** What keeps the caller from writing; undefined where nothing does. */
export function writeRefusal({ role }: Pick<Session, 'role'>, { room, member }: Written): ChatError | undefined {
  const rule = WRITE_RULES.find((each) => (each.bindsServices || role !== 'service') && each.holds(room, member))
  if (rule?.reason === 'MUTED') return new ChatError('MUTED', { retryAfterMs: Math.ceil(member?.muted_ms ?? 0) })
  return rule && new ChatError(rule.reason)
}

/**
 * By rows that are locked or that nothing but a hint rests on.
 * @throws ChatError ROOM_ARCHIVED, ROOM_FROZEN, BLOCKED, MUTED
 */
export function assertMayWrite(session: Pick<Session, 'role'>, written: Written): void {
  const refusal = writeRefusal(session, written)
  if (refusal) throw refusal
}

/** What keeps even a deletion from being made. @throws ChatError ROOM_ARCHIVED */
export function assertMayDelete({ archived_at: archivedAt }: Pick<RoomRow, 'archived_at'>): void {
  if (archivedAt) throw new ChatError('ROOM_ARCHIVED')
}
