import type { User } from '../../shared/user.ts'
import type { UserRow } from '../db/schema.ts'

/** `isPresenceShown`: whether the viewer may see when the user was last online. */
export const toUser = (row: UserRow, isPresenceShown: boolean): User => ({
  id: row.id,
  name: row.name,
  pictureUrl: row.picture_url,
  lastSeenAt: isPresenceShown ? row.last_seen_at : null,
  meta: row.meta,
})
