import { sql } from 'kysely'
import type { Page, Paging } from '../../shared/page.ts'
import type { User } from '../../shared/user.ts'
import { isPresenceShownTo } from '../access/presence-visibility.ts'
import { containing } from '../db/like-pattern.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { toUser } from './user-shape.ts'

/** A user of the tenant. @throws ChatError NOT_FOUND */
export async function readUser(
  { database }: Pick<Services, 'database'>,
  session: Session,
  userId: string,
): Promise<User> {
  const row = await database.db
    .selectFrom('users')
    .selectAll()
    .select(isPresenceShownTo(session).as('is_presence_shown'))
    .where('tenant_id', '=', session.tenantId)
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!row) throw new ChatError('NOT_FOUND')
  return toUser(row, row.is_presence_shown)
}

/** The tenant's users, by name, whose name or id contains the query. */
export async function listUsers(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { query, ...paging }: Paging & { query?: string | undefined },
): Promise<Page<User>> {
  const { tenantId } = session
  const scope = `user.list/${tenantId}/${query ?? ''}`
  const page = await openPage(cursors, { scope, kinds: ['text', 'text'] }, paging)
  const byName = sql<string>`lower(name)`
  let users = database.db
    .selectFrom('users')
    .selectAll()
    .select([byName.as('sort_name'), isPresenceShownTo(session).as('is_presence_shown')])
    .where('tenant_id', '=', tenantId)
  if (query) {
    const pattern = containing(query)
    users = users.where((where) => where.or([where(byName, 'like', pattern), where(sql`lower(id)`, 'like', pattern)]))
  }
  return page.of(await page.select(users, [byName, 'id']).execute(), {
    key: (row) => [row.sort_name, row.id],
    item: (row) => toUser(row, row.is_presence_shown),
  })
}
