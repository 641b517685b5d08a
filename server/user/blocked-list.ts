import { sql } from 'kysely'
import type { Page } from '../../shared/page.ts'
import type { UserSummary } from '../../shared/user.ts'
import type { Services, Session } from '../rpc/context.ts'

interface ListInput {
  cursor?: string | undefined
  limit: number
}

/** Whom the caller has blocked, latest first. */
export async function listBlocked(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  { tenantId, userId }: Session,
  { cursor, limit }: ListInput,
): Promise<Page<UserSummary>> {
  const scope = `user.blocked/${tenantId}/${userId}`
  const from = await cursors.decode(scope, cursor, ['time', 'text'])
  const page = database.db
    .selectFrom('user_blocks')
    .innerJoin('users', (join) =>
      join.onRef('users.tenant_id', '=', 'user_blocks.tenant_id').onRef('users.id', '=', 'user_blocks.blocked_id'),
    )
    .select(['users.id', 'users.name', 'users.picture_url as pictureUrl', 'user_blocks.created_at'])
    .where('user_blocks.tenant_id', '=', tenantId)
    .where('user_blocks.user_id', '=', userId)
    .orderBy('user_blocks.created_at', 'desc')
    .orderBy('users.id', 'desc')
    .limit(limit + 1)
  const isAfter = from && sql<boolean>`(user_blocks.created_at, users.id) < (${new Date(from[0])}, ${from[1]})`
  const rows = await (isAfter ? page.where(isAfter) : page).execute()
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(({ id, name, pictureUrl }) => ({ id, name, pictureUrl })),
    nextCursor: last ? cursors.encode(scope, [last.created_at.getTime(), last.id]) : null,
  }
}
