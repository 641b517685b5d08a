import { type RawBuilder, sql } from 'kysely'

/**
 * Messages above the marker that the member `viewer` has hidden and that no other count subtracts. They are few; each is found by
 * key.
 */
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

/** Whether a hidden message lies above the marker, whose deletion would then subtract nothing. */
export const hasHiddenUnread = sql<boolean>`${hiddenUnread} > 0`

/**
 * The number of messages of `rooms` that the member `viewer` has not read, computed from ordinals. Subtracts the viewer's own
 * messages (a marker that was moved back knows how many lie above it), messages above the marker that others deleted, messages
 * that were sent in the viewer's own name, and messages that the viewer has hidden. Indexes serve all counts; unread messages are
 * never scanned.
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

/** The number of unread mentions, by name or of everybody: rows above the marker, adjacent in an index, minus hidden ones. */
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
 * Messages that a member sent in person, in the part of the room that `where` selects by `messages.seq`. `own_above` counts those
 * above the marker. They are only counted, by walking the part that the marker passes, when it moves back and until it has caught
 * up again.
 */
export const ownMessages = (member: 'members' | 'viewer', where: RawBuilder<unknown>) => sql<number>`(
  select count(*) from messages
  where messages.tenant_id = ${sql.id(member)}.tenant_id and messages.room_id = ${sql.id(member)}.room_id and ${where}
    and messages.sender_id = ${sql.id(member)}.user_id and messages.ordinal is not null
    and messages.thread_id is null and not messages.is_on_behalf
)`
