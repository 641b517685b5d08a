import { sql } from 'kysely'
import type { Tx, UserRow } from '../db/schema.ts'

/**
 * Locks and reads the rows of those users that exist, in id order. Code that copies a name into a member row holds the user's
 * lock during the copy, so that a profile change either precedes the copy or finds it.
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

/** Bumps the version of these users, for changes that every node must notice: their rooms, or the validity of their tokens. */
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
