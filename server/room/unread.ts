import { sql } from 'kysely'

/**
 * How many messages of `rooms` the member `viewer` has not read: arithmetic on ordinals, less what was deleted above the marker and
 * what somebody sent in the viewer's own name. Partial indexes serve both counts; what is unread is never scanned.
 */
export const unreadCount = sql<number>`
  coalesce(greatest(0, rooms.last_ordinal - viewer.read_ordinal - (
    select count(*) from messages
    where messages.tenant_id = rooms.tenant_id and messages.room_id = rooms.id
      and messages.ordinal > viewer.read_ordinal
      and messages.deleted_at is not null and messages.thread_id is null
  ) - (
    select count(*) from messages
    where messages.tenant_id = rooms.tenant_id and messages.room_id = rooms.id and messages.sender_id = viewer.user_id
      and messages.ordinal > viewer.read_ordinal
      and messages.is_on_behalf and messages.deleted_at is null and messages.thread_id is null
  )), 0)::int`
