import { type RawBuilder, sql } from 'kysely'

/** Replies above the marker that the follower has hidden and that no other count subtracts. */
const hiddenAbove = (which: RawBuilder<unknown>) => sql<number>`(
  select count(*)
  from hidden_messages as hidden
  join messages on messages.tenant_id = hidden.tenant_id and messages.room_id = hidden.room_id and messages.seq = hidden.seq
  where hidden.tenant_id = follow.tenant_id and hidden.room_id = follow.room_id and hidden.user_id = follow.user_id
    and hidden.thread_id = follow.thread_id and hidden.thread_id is not null and hidden.ordinal > follow.read_ordinal
    and messages.deleted_at is null and not (messages.is_on_behalf and messages.sender_id = follow.user_id)${which}
)`

/**
 * The number of replies of the thread `root` that its follower `follow` has not read. It is computed from the thread's ordinals,
 * just as a room's unread count is computed from the room's.
 */
export const threadUnreadCount = sql<number>`
  greatest(0, coalesce(root.thread_last_ordinal, 0) - follow.read_ordinal - (
    select count(*) from messages
    where messages.tenant_id = follow.tenant_id and messages.room_id = follow.room_id
      and messages.thread_id = follow.thread_id and messages.ordinal > follow.read_ordinal
      and messages.thread_id is not null and (messages.deleted_at is not null or messages.is_on_behalf)
      and (messages.deleted_at is not null or messages.sender_id = follow.user_id)
  ) - ${hiddenAbove(sql``)})::int`

/** The number of unread replies that mention the follower. */
export const threadMentionCount = sql<number>`((
  select count(*) from mentions
  where mentions.tenant_id = follow.tenant_id and mentions.room_id = follow.room_id
    and mentions.thread_id = follow.thread_id and mentions.thread_id is not null
    and mentions.user_id = follow.user_id and mentions.ordinal > follow.read_ordinal
) - ${hiddenAbove(sql` and follow.user_id = any(messages.mentions)`)})::int`
