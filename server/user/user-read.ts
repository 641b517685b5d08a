import type { User } from '../../shared/user.ts'
import { isPresenceShownTo } from '../preferences/presence-visibility.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { toUser } from './user-shape.ts'

/** A user of the tenant. @throws ChatError NOT_FOUND */
export async function readUser({ database }: Services, session: Session, userId: string): Promise<User> {
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
