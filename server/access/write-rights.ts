import type { RoomRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import type { Access } from './access.ts'
import type { MemberNow } from './member-now.ts'

/*
 * The right to write, for every act that reaches other people in a room. The first state that applies determines the refusal:
 *
 *   state of the room or the member        reason          applies to
 *   the room does not exist or is deleted  NOT_FOUND       everybody
 *   not a member: never was, has left,     NOT_A_MEMBER    everybody but services, which need no membership unless they act for
 *   was removed or banned                                  a member; NOT_FOUND if the caller may not know of the room
 *   archived                               ROOM_ARCHIVED   everybody, and also prevents the deletion of messages
 *   frozen                                 ROOM_FROZEN     everybody but services
 *   blocked by the peer of a direct room   BLOCKED         everybody but services
 *   muted                                  MUTED           everybody but services
 *   slow mode                              SLOW_MODE       sends by the role `member`, but not by services
 *
 * Writing means sending (also in a thread, by forwarding, or on schedule when the time comes), editing, adding or removing a
 * reaction, pinning and unpinning, setting a nickname, and showing that one types. Members who may not write can still stop
 * typing and delete their own messages, because neither shows anything new to others. The permission of the role (`PERMISSIONS`)
 * is checked first.
 *
 * `accessOf` decides the first two rows and `send-batch.ts` the last. This file has the rows between in two forms: in TypeScript,
 * and in SQL for the one statement that sends a batch. Both use Postgres's clock.
 */

interface WriteRule {
  reason: 'ROOM_ARCHIVED' | 'ROOM_FROZEN' | 'BLOCKED' | 'MUTED'
  bindsServices: boolean
  holds(
    room: Pick<RoomRow, 'archived_at' | 'frozen_at'>,
    member: Pick<MemberNow, 'blocked_at' | 'muted_ms'> | null,
  ): boolean
  /** The same for `room` and `sender`, as the statement has locked them. */
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

/** Branches of the batch's `case`. Rules that bind services come first; after them services pass, and the other rules follow. */
export const writeRulesSql = ({ bindsServices }: Pick<WriteRule, 'bindsServices'>): string =>
  WRITE_RULES.filter((rule) => rule.bindsServices === bindsServices)
    .map((rule) => `when ${rule.sql} then '${rule.reason}'`)
    .join('\n      ')

type Written = Pick<Access, 'room' | 'member'>

/** The reason why the caller may not write; undefined if there is none. */
export function writeRefusal({ role }: Pick<Session, 'role'>, { room, member }: Written): ChatError | undefined {
  const rule = WRITE_RULES.find((each) => (each.bindsServices || role !== 'service') && each.holds(room, member))
  if (rule?.reason === 'MUTED') return new ChatError('MUTED', { retryAfterMs: Math.ceil(member?.muted_ms ?? 0) })
  return rule && new ChatError(rule.reason)
}

/**
 * Requires rows that are locked, unless only a hint depends on the result.
 * @throws ChatError ROOM_ARCHIVED, ROOM_FROZEN, BLOCKED, MUTED
 */
export function assertMayWrite(session: Pick<Session, 'role'>, written: Written): void {
  const refusal = writeRefusal(session, written)
  if (refusal) throw refusal
}

/** Refuses even a deletion in an archived room. @throws ChatError ROOM_ARCHIVED */
export function assertMayDelete({ archived_at: archivedAt }: Pick<RoomRow, 'archived_at'>): void {
  if (archivedAt) throw new ChatError('ROOM_ARCHIVED')
}
