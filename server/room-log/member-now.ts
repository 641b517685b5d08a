import { sql } from 'kysely'
import type { MemberRow } from '../db/database.ts'

/** A member's row beside what the database's clock says of it: two servers whose clocks differ decide alike. */
export type MemberNow = MemberRow & {
  /** How much longer the member is muted, in milliseconds; nothing, or not above 0, where they are not. */
  muted_ms: number | null
}

/** The column of `MemberNow`, of the one table of the statement that has `muted_until`. */
export const mutedMs = sql<number | null>`(extract(epoch from muted_until - clock_timestamp()) * 1000)::float8`.as(
  'muted_ms',
)
