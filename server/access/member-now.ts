import { sql } from 'kysely'
import type { MemberRow } from '../db/schema.ts'

/** A member's row with remaining times by the database's clock, which lets servers with different clocks decide alike. */
export type MemberNow = MemberRow & {
  /** Remaining mute in milliseconds; null, or at most 0, if the member is not muted. */
  muted_ms: number | null
  /** Remaining ban in milliseconds; null, or at most 0, if the member is not banned. */
  banned_ms: number | null
}

const msUntil = (column: 'muted_until' | 'banned_until') =>
  sql<number | null>`(extract(epoch from ${sql.ref(column)} - clock_timestamp()) * 1000)::float8`

/** The columns of `MemberNow`. Exactly one table of the statement must have `muted_until`. */
export const memberClock = [msUntil('muted_until').as('muted_ms'), msUntil('banned_until').as('banned_ms')] as const
