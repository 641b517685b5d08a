import { sql } from 'kysely'
import type { Session } from '../rpc/context.ts'

export type Viewer = Pick<Session, 'tenantId' | 'userId' | 'role'>

/**
 * Whether this viewer may see the presence and last-seen time of a row of `users`. Users see their own, that of users who show it
 * to everyone, and that of users who show it in shared rooms and share one with the viewer. A service sees all.
 */
export function isPresenceShownTo({ userId, role }: Viewer) {
  if (role === 'service') return sql<boolean>`true`
  return sql<boolean>`(
    users.id = ${userId} or coalesce((
      select case presence_visibility
        when 'everyone' then true
        when 'nobody' then false
        else exists (
          select from members as theirs
          join members as own on own.tenant_id = theirs.tenant_id and own.room_id = theirs.room_id
          join rooms on rooms.tenant_id = theirs.tenant_id and rooms.id = theirs.room_id
          where theirs.tenant_id = users.tenant_id and theirs.user_id = users.id and theirs.left_at is null
            and own.user_id = ${userId} and own.left_at is null and rooms.deleted_at is null
        )
      end
      from preferences where preferences.tenant_id = users.tenant_id and preferences.user_id = users.id
    ), true)
  )`
}
