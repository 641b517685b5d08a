import { type Expression, type SqlBool, sql } from 'kysely'

/**
 * Whether a row of `members` is of somebody whose receipts others may see: who keeps them to themselves says so in their preferences.
 * Everything that shows receipts asks here.
 */
export const sharesReceipts: Expression<SqlBool> = sql<SqlBool>`not exists (
  select from preferences
  where preferences.tenant_id = members.tenant_id and preferences.user_id = members.user_id and preferences.hides_receipts
)`
