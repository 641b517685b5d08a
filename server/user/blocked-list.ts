import type { Page, Paging } from '../../shared/page.ts'
import type { UserSummary } from '../../shared/user.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

/** The users whom the caller has blocked, latest first. */
export async function listBlocked(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  { tenantId, userId }: Session,
  paging: Paging,
): Promise<Page<UserSummary>> {
  const scope = `user.blocked/${tenantId}/${userId}`
  const page = await openPage(cursors, { scope, kinds: ['time', 'text'] }, paging)
  const blocked = database.db
    .selectFrom('user_blocks')
    .innerJoin('users', (join) =>
      join.onRef('users.tenant_id', '=', 'user_blocks.tenant_id').onRef('users.id', '=', 'user_blocks.blocked_id'),
    )
    .select(['users.id', 'users.name', 'users.picture_url as pictureUrl', 'user_blocks.created_at'])
    .where('user_blocks.tenant_id', '=', tenantId)
    .where('user_blocks.user_id', '=', userId)
  return page.of(await page.select(blocked, ['user_blocks.created_at', 'users.id'], 'desc').execute(), {
    key: (row) => [row.created_at, row.id],
    item: ({ id, name, pictureUrl }) => ({ id, name, pictureUrl }),
  })
}
