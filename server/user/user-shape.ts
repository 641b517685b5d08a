import type { User } from '../../shared/user.ts'
import type { UserRow } from '../db/database.ts'

export const toUser = (row: UserRow): User => ({
  id: row.id,
  name: row.name,
  pictureUrl: row.picture_url,
  lastSeenAt: row.last_seen_at,
  meta: row.meta,
})
