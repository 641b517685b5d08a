import { sql } from 'kysely'
import type { Page } from '../../shared/page.ts'
import type { User } from '../../shared/user.ts'
import { isPresenceShownTo } from '../access/presence-visibility.ts'
import { containing } from '../db/like-pattern.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
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

interface ListInput {
  query?: string | undefined
  cursor?: string | undefined
  limit: number
}

/** The tenant's users by name, those whose name or id holds the query. */
export async function listUsers(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  input: ListInput,
): Promise<Page<User>> {
  const { tenantId } = session
  const { query, cursor, limit } = input
  const scope = `user.list/${tenantId}/${query ?? ''}`
  const from = await cursors.decode(scope, cursor, ['text', 'text'])
  const byName = sql<string>`lower(name)`
  let page = database.db
    .selectFrom('users')
    .selectAll()
    .select([byName.as('sort_name'), isPresenceShownTo(session).as('is_presence_shown')])
    .where('tenant_id', '=', tenantId)
    .orderBy(byName)
    .orderBy('id')
    .limit(limit + 1)
  if (query) {
    const pattern = containing(query)
    page = page.where((where) => where.or([where(byName, 'like', pattern), where(sql`lower(id)`, 'like', pattern)]))
  }
  if (from) page = page.where(sql<boolean>`(${byName}, id) > (${from[0]}, ${from[1]})`)
  const rows = await page.execute()
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map((row) => toUser(row, row.is_presence_shown)),
    nextCursor: last ? cursors.encode(scope, [last.sort_name, last.id]) : null,
  }
}
