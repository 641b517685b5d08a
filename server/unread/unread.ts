import { type RawBuilder, sql } from 'kysely'

/** Messages above the marker that the member `viewer` has hidden and that no other count takes off: few, each found by its key. */
const hiddenAbove = (which: RawBuilder<unknown>) => sql<number>`(
  select count(*)
  from hidden_messages as hidden
  join messages on messages.tenant_id = hidden.tenant_id and messages.room_id = hidden.room_id and messages.seq = hidden.seq
  where hidden.tenant_id = rooms.tenant_id and hidden.room_id = rooms.id and hidden.user_id = viewer.user_id
    and hidden.seq > viewer.read_seq
    and messages.ordinal > viewer.read_ordinal
    and messages.deleted_at is null and messages.thread_id is null
    and messages.sender_id <> viewer.user_id${which}
)`

const hiddenUnread = hiddenAbove(sql``)
const hiddenMentions = hiddenAbove(sql`
    and (messages.mentions_room or viewer.user_id = any(messages.mentions))`)

/** Whether a hidden message is among what the marker has not reached: then its deletion takes nothing off. */
export const hasHiddenUnread = sql<boolean>`${hiddenUnread} > 0`

/**
 * How many messages of `rooms` the member `viewer` has not read: arithmetic on ordinals, less what the viewer sent (a marker that was
 * moved back knows how many of those lie above it), what others deleted above the marker, what somebody sent in the viewer's own name,
 * and what the viewer has hidden. Indexes serve all counts; what is unread is never scanned.
 */
export const unreadCount = sql<number>`
  coalesce(greatest(0, rooms.last_ordinal - viewer.read_ordinal - viewer.own_above - (
    select count(*) from messages
    where messages.tenant_id = rooms.tenant_id and messages.room_id = rooms.id
      and messages.ordinal > viewer.read_ordinal
      and messages.deleted_at is not null and messages.thread_id is null
      and (messages.is_on_behalf or messages.sender_id <> viewer.user_id)
  ) - (
    select count(*) from messages
    where messages.tenant_id = rooms.tenant_id and messages.room_id = rooms.id and messages.sender_id = viewer.user_id
      and messages.ordinal > viewer.read_ordinal
      and messages.is_on_behalf and messages.deleted_at is null and messages.thread_id is null
  ) - ${hiddenUnread}), 0)::int`

/** How many of them mention the member, by name or with everybody: rows above the marker, which an index holds together, less hidden ones. */
export const mentionCount = sql<number>`((
    select count(*) from mentions
    where mentions.tenant_id = rooms.tenant_id and mentions.room_id = rooms.id and mentions.thread_id is null
      and mentions.user_id = viewer.user_id and mentions.ordinal > viewer.read_ordinal
  ) + (
    select count(*) from mentions
    where mentions.tenant_id = rooms.tenant_id and mentions.room_id = rooms.id and mentions.thread_id is null
      and mentions.user_id is null and mentions.ordinal > viewer.read_ordinal and mentions.sender_id <> viewer.user_id
  ) - ${hiddenMentions})::int`

/**
 * Messages that a member sent in person, in the part of the room that `where` names by `messages.seq`. `own_above` counts those above the
 * marker: a walk along the part that a marker passes, taken only where it moves back, and until it has caught up again.
 */
export const ownMessages = (member: 'members' | 'viewer', where: RawBuilder<unknown>) => sql<number>`(
  select count(*) from messages
  where messages.tenant_id = ${sql.id(member)}.tenant_id and messages.room_id = ${sql.id(member)}.room_id and ${where}
    and messages.sender_id = ${sql.id(member)}.user_id and messages.ordinal is not null
    and messages.thread_id is null and not messages.is_on_behalf
)`
