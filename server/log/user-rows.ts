import { sql } from 'kysely'
import type { Tx, UserRow } from '../db/schema.ts'

/**
 * Locks and reads the rows of those of these users that exist, in id order: whoever copies a name into a member row holds the user
 * meanwhile, so that a change of the profile comes before the copy or finds it.
 */
export async function lockUsers(tx: Tx, tenantId: string, userIds: string[]): Promise<Map<string, UserRow>> {
  const rows = await tx
    .selectFrom('users')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', userIds)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** Counts a change that every node must notice of these users: what rooms they are in, whether their tokens hold. */
export async function bumpUsers(tx: Tx, tenantId: string, userIds: string[]): Promise<void> {
  if (userIds.length === 0) return
  await sql`
    update users set version = version + 1
    from (
      select tenant_id, id from users
      where tenant_id = ${tenantId} and id = any(${userIds}) order by id for no key update
    ) as locked
    where users.tenant_id = locked.tenant_id and users.id = locked.id`.execute(tx)
}
