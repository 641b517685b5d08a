import { sql } from 'kysely'
import type { MemberRow } from '../db/schema.ts'

/** A member's row beside what the database's clock says of it: two servers whose clocks differ decide alike. */
export type MemberNow = MemberRow & {
  /** How much longer the member is muted, in milliseconds; nothing, or not above 0, where they are not. */
  muted_ms: number | null
  /** How much longer the member is banned, likewise. */
  banned_ms: number | null
}

const msUntil = (column: 'muted_until' | 'banned_until') =>
  sql<number | null>`(extract(epoch from ${sql.ref(column)} - clock_timestamp()) * 1000)::float8`

/** The columns of `MemberNow`, of the one table of the statement that has `muted_until`. */
export const memberClock = [msUntil('muted_until').as('muted_ms'), msUntil('banned_until').as('banned_ms')] as const
