import { sql } from 'kysely'
import type { MemberRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { MemberNow } from './member-now.ts'

/*
 * A ban from a room is `banned_until` in the member's row. It expires by Postgres's clock. TypeScript decides by `banned_ms`,
 * which the statement that reads the row computes; SQL decides by `isBanned`. tests/access/ban.test.ts compares both on the same
 * rows.
 */

/** The end of a ban or mute without an end: far in the future, but still a date that every client can parse. */
export const FOR_GOOD = new Date('9999-12-31T00:00:00Z')

/** The columns of a member's row without a ban. */
export const NO_BAN = { banned_until: null, banned_at: null, banned_by: null, ban_reason: null }

/** Whether a row of `members` belongs to a user who is currently banned from the room. */
export const isBanned = sql<boolean>`coalesce(members.banned_until > clock_timestamp(), false)`

/** @throws ChatError MEMBER_BANNED, with `retryAfterMs` unless the ban has no end */
export function assertNotBanned(
  { banned_ms: leftMs, banned_until: until }: Pick<MemberNow, 'banned_ms' | 'banned_until'>,
  message?: string,
): void {
  if (leftMs === null || leftMs <= 0) return
  throw new ChatError('MEMBER_BANNED', {
    ...(message === undefined ? {} : { message }),
    ...(hasEnd(until) ? { retryAfterMs: Math.ceil(leftMs) } : {}),
  })
}

/** Whether a ban or mute until this time expires by itself. */
export const hasEnd = (until: MemberRow['banned_until']): until is Date => until !== null && until < FOR_GOOD
