import { sql } from 'kysely'
import type { Tx } from '../db/schema.ts'
import type { RoomKey } from '../lib/keys.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from '../log/room-change.ts'
import { checkUnread, markedOrdinal, ownAboveMarker, type UnreadDifference } from './unread-check.ts'

/**
 * Recomputes a room's unread state from its messages, under the room's lock. Returns what remains wrong: gaps in ordinals, which
 * can't be reassigned without changing every client's history. Changes that members see go through the log, like any other
 * change.
 */
export async function repairUnread(services: RoomChangeServices, room: RoomKey): Promise<UnreadDifference[]> {
  await changeRoom(services, room, async (change) => {
    const differences = await checkUnread(change.tx, room)
    for (const { what, shouldBe } of differences) {
      if (what === 'room.lastOrdinal') change.updateRoom({ last_ordinal: shouldBe })
    }
    await repairRoots(change, differences)
    await repairMarkers(change.tx, room)
    await repairMentions(change.tx, room)
  })
  return checkUnread(services.database.db, room)
}

/** Changes each root once. The authors are locked together, in order. */
async function repairRoots(change: RoomChange, differences: UnreadDifference[]): Promise<void> {
  const patches = new Map<string, { thread_count?: number; thread_last_ordinal?: number }>()
  for (const { what, threadId, shouldBe } of differences) {
    if (threadId === null) continue
    if (what === 'thread.count') patches.set(threadId, { ...patches.get(threadId), thread_count: shouldBe })
    if (what === 'thread.lastOrdinal')
      patches.set(threadId, { ...patches.get(threadId), thread_last_ordinal: shouldBe })
  }
  if (patches.size === 0) return
  const roots = await change.tx
    .selectFrom('messages')
    .select(['id', 'seq', 'sender_id', 'thread_last_at', 'created_at'])
    .where('tenant_id', '=', change.room.tenant_id)
    .where('room_id', '=', change.room.id)
    .where('id', 'in', [...patches.keys()])
    .execute()
  const authors = await change.lockMembers([...new Set(roots.map((root) => root.sender_id))])
  for (const root of roots) {
    const author = authors.get(root.sender_id)
    if (!author) throw new Error('Unable to repair a thread; its root has no author')
    const patch = { ...patches.get(root.id), thread_last_at: root.thread_last_at ?? root.created_at }
    await change.updateMessage(root.seq, patch, author)
  }
}

async function repairMarkers(tx: Tx, { tenantId, roomId }: RoomKey): Promise<void> {
  await sql`
    update members as viewer set read_ordinal = ${markedOrdinal}, own_above = ${ownAboveMarker}
    where tenant_id = ${tenantId} and room_id = ${roomId}::uuid and left_at is null
      and (read_ordinal <> ${markedOrdinal} or own_above <> ${ownAboveMarker})`.execute(tx)
  await sql`
    update thread_follows as follow set read_ordinal = coalesce(root.thread_last_ordinal, 0)
    from messages as root
    where follow.tenant_id = ${tenantId} and follow.room_id = ${roomId}::uuid
      and root.tenant_id = follow.tenant_id and root.room_id = follow.room_id and root.id = follow.thread_id
      and follow.read_ordinal > coalesce(root.thread_last_ordinal, 0)`.execute(tx)
}

/** Deletes rows without a matching message, and inserts missing ones. */
async function repairMentions(tx: Tx, { tenantId, roomId }: RoomKey): Promise<void> {
  const wanted = sql`
    select tenant_id, room_id, thread_id, named.user_id, ordinal, sender_id
    from messages cross join lateral unnest(mentions) as named(user_id)
    where tenant_id = ${tenantId} and room_id = ${roomId}::uuid and deleted_at is null
      and not mentions_room and named.user_id <> sender_id
    union all
    select tenant_id, room_id, thread_id, null, ordinal, sender_id
    from messages
    where tenant_id = ${tenantId} and room_id = ${roomId}::uuid and deleted_at is null and mentions_room`
  const kept = sql`select tenant_id, room_id, thread_id, user_id, ordinal, sender_id from mentions
    where tenant_id = ${tenantId} and room_id = ${roomId}::uuid`
  await sql`
    delete from mentions using (${kept} except (${wanted})) as needless
    where mentions.tenant_id = ${tenantId} and mentions.room_id = ${roomId}::uuid
      and mentions.thread_id is not distinct from needless.thread_id
      and mentions.user_id is not distinct from needless.user_id and mentions.ordinal = needless.ordinal`.execute(tx)
  await sql`
    insert into mentions (tenant_id, room_id, thread_id, user_id, ordinal, sender_id)
    (${wanted}) except (${kept})`.execute(tx)
}
