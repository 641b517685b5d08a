import { sql } from 'kysely'
import { notHiddenFrom } from '../access/visibility.ts'
import { readRows } from '../db/checked-rows.ts'
import type { Db, Tx } from '../db/schema.ts'
import { isNumber, isText, oneOf, orNull, type Shape } from '../lib/checks.ts'
import type { RoomKey } from '../lib/keys.ts'
import { threadMentionCount, threadUnreadCount } from './thread-unread.ts'
import { mentionCount, ownMessages, unreadCount } from './unread.ts'

const WHAT = [
  'room.lastOrdinal',
  'room.ordinals',
  'viewer.readOrdinal',
  'viewer.ownAbove',
  'viewer.unread',
  'viewer.mentions',
  'thread.count',
  'thread.lastOrdinal',
  'follower.unread',
  'follower.mentions',
] as const

/** A stored or derived number that differs from a count of the individual messages. */
export interface UnreadDifference {
  what: (typeof WHAT)[number]
  /** The member whose number it is, if it belongs to one. */
  userId: string | null
  /** The root of the thread whose number it is, if it belongs to one. */
  threadId: string | null
  is: number
  shouldBe: number
}

const DIFFERENCE: Shape<UnreadDifference> = {
  what: oneOf(...WHAT),
  userId: orNull(isText),
  threadId: orNull(isText),
  is: isNumber,
  shouldBe: isNumber,
}

/** Members per statement: each may have many messages to count. */
const SLICE = 20

/** All incorrect unread state in one room. Each statement compares what it reads within one snapshot. */
export async function checkUnread(db: Db | Tx, room: RoomKey): Promise<UnreadDifference[]> {
  const userIds = await membersOf(db, room)
  const differences = [...(await checkRoom(db, room)), ...(await checkRoots(db, room))]
  for (let from = 0; from < userIds.length; from += SLICE) {
    const slice = userIds.slice(from, from + SLICE)
    differences.push(...(await checkMembers(db, room, slice)), ...(await checkFollowers(db, room, slice)))
  }
  return differences
}

async function membersOf(db: Db | Tx, { tenantId, roomId }: RoomKey): Promise<string[]> {
  const rows = await db
    .selectFrom('members')
    .select('user_id')
    .where('tenant_id', '=', tenantId)
    .where('room_id', '=', roomId)
    .where('left_at', 'is', null)
    .orderBy('user_id')
    .execute()
  return rows.map((row) => row.user_id)
}

function checkRoom(db: Db | Tx, { tenantId, roomId }: RoomKey): Promise<UnreadDifference[]> {
  return readRows(db, {
    row: DIFFERENCE,
    sql: sql`
    with counted as (
      select coalesce(max(ordinal), 0) as last, count(ordinal) as count, coalesce(max(ordinal) - min(ordinal) + 1, 0) as span
      from messages where tenant_id = ${tenantId} and room_id = ${roomId}::uuid and thread_id is null
    )
    select 'room.lastOrdinal' as what, null as "userId", null as "threadId", last_ordinal as "is", counted.last as "shouldBe"
    from rooms, counted where tenant_id = ${tenantId} and rooms.id = ${roomId}::uuid and last_ordinal <> counted.last and count > 0
    union all
    select 'room.ordinals', null, null, count, span from counted where count <> span`,
  })
}

function checkRoots(db: Db | Tx, { tenantId, roomId }: RoomKey): Promise<UnreadDifference[]> {
  return readRows(db, {
    row: DIFFERENCE,
    sql: sql`
    with replies as (
      select thread_id, max(ordinal) as last, count(*) filter (where deleted_at is null) as count
      from messages where tenant_id = ${tenantId} and room_id = ${roomId}::uuid and thread_id is not null group by thread_id
    ),
    roots as (
      select replies.*, coalesce(root.thread_last_ordinal, 0) as is_last, coalesce(root.thread_count, 0) as is_count
      from replies join messages as root
        on root.tenant_id = ${tenantId} and root.room_id = ${roomId}::uuid and root.id = replies.thread_id
    )
    select 'thread.count' as what, null as "userId", thread_id as "threadId", is_count as "is", count as "shouldBe"
    from roots where is_count <> count
    union all
    select 'thread.lastOrdinal', null, thread_id, is_last, last from roots where is_last <> last`,
  })
}

/** The greatest ordinal at or below a member's marker. */
export const markedOrdinal = sql<number>`coalesce((
  select ordinal from messages
  where messages.tenant_id = viewer.tenant_id and messages.room_id = viewer.room_id
    and messages.seq <= viewer.read_seq and messages.ordinal is not null and messages.thread_id is null
  order by messages.seq desc limit 1
), 0)`

/** The member's own messages above the marker. */
export const ownAboveMarker = ownMessages('viewer', sql`messages.seq > viewer.read_seq`)

function checkMembers(db: Db | Tx, { tenantId, roomId }: RoomKey, userIds: string[]): Promise<UnreadDifference[]> {
  return readRows(db, {
    row: DIFFERENCE,
    sql: sql`
    with counted as (
      select viewer.user_id, viewer.read_ordinal, ${markedOrdinal} as marked, one_by_one.*,
        viewer.own_above, ${ownAboveMarker} as own,
        ${unreadCount} as is_unread, ${mentionCount} as is_mentions
      from rooms
      join members as viewer on viewer.tenant_id = rooms.tenant_id and viewer.room_id = rooms.id
      cross join lateral (
        select count(*) as unread,
          count(*) filter (where messages.mentions_room or viewer.user_id = any(messages.mentions)) as mentions
        from messages
        where messages.tenant_id = viewer.tenant_id and messages.room_id = viewer.room_id and messages.seq > viewer.read_seq
          and messages.ordinal is not null and messages.thread_id is null and messages.deleted_at is null
          and messages.sender_id <> viewer.user_id and ${notHiddenFrom(sql.ref('viewer.user_id'))}
      ) as one_by_one
      where rooms.tenant_id = ${tenantId} and rooms.id = ${roomId}::uuid
        and viewer.user_id = any(${userIds}) and viewer.left_at is null
    )
    select 'viewer.readOrdinal' as what, user_id as "userId", null as "threadId", read_ordinal as "is", marked as "shouldBe"
    from counted where read_ordinal <> marked
    union all
    select 'viewer.ownAbove', user_id, null, own_above, own from counted where own_above <> own
    union all
    select 'viewer.unread', user_id, null, is_unread, unread from counted where is_unread <> unread
    union all
    select 'viewer.mentions', user_id, null, is_mentions, mentions from counted where is_mentions <> mentions`,
  })
}

function checkFollowers(db: Db | Tx, { tenantId, roomId }: RoomKey, userIds: string[]): Promise<UnreadDifference[]> {
  return readRows(db, {
    row: DIFFERENCE,
    sql: sql`
    with counted as (
      select follow.user_id, follow.thread_id, one_by_one.*, ${threadUnreadCount} as is_unread, ${threadMentionCount} as is_mentions
      from thread_follows as follow
      join messages as root
        on root.tenant_id = follow.tenant_id and root.room_id = follow.room_id and root.id = follow.thread_id
      cross join lateral (
        select count(*) as unread, count(*) filter (where follow.user_id = any(messages.mentions)) as mentions
        from messages
        where messages.tenant_id = follow.tenant_id and messages.room_id = follow.room_id
          and messages.thread_id = follow.thread_id and messages.ordinal > follow.read_ordinal
          and messages.deleted_at is null and messages.sender_id <> follow.user_id
          and ${notHiddenFrom(sql.ref('follow.user_id'))}
      ) as one_by_one
      where follow.tenant_id = ${tenantId} and follow.room_id = ${roomId}::uuid and follow.user_id = any(${userIds})
    )
    select 'follower.unread' as what, user_id as "userId", thread_id as "threadId", is_unread as "is", unread as "shouldBe"
    from counted where is_unread <> unread
    union all
    select 'follower.mentions', user_id, thread_id, is_mentions, mentions from counted where is_mentions <> mentions`,
  })
}
