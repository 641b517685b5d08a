import type { Tx, UserRow } from '../db/database.ts'

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
