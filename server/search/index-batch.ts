import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

/** A room by its key. */
export interface RoomKey {
  tenantId: string
  roomId: string
}

/**
 * Takes the search index of these rooms further along their logs, at most `limit` messages of each; returns the rooms that have more.
 * One statement: what it writes and how far it got are committed together, so a crash loses nothing and repeats nothing. A room
 * that another server is at is left to it. Messages as they were sent and messages changed since are read as two ranges, as the log
 * is (`server/room-log/room-log.ts`).
 */
export async function indexBatch(db: Db, rooms: RoomKey[], limit: number): Promise<RoomKey[]> {
  const tenantIds = rooms.map((room) => room.tenantId)
  const roomIds = rooms.map((room) => room.roomId)
  const wanted = sql`unnest(${tenantIds}::text[], ${roomIds}::uuid[]) as wanted (tenant_id, room_id)`
  await sql`
    insert into search_progress (tenant_id, room_id)
    select wanted.tenant_id, wanted.room_id from ${wanted}
    join rooms on rooms.tenant_id = wanted.tenant_id and rooms.id = wanted.room_id
    on conflict do nothing`.execute(db)
  const { rows } = await sql<RoomKey & { has_more: boolean }>`
    with claimed as materialized (
      select progress.tenant_id, progress.room_id, progress.indexed_seq, rooms.last_seq
      from search_progress as progress
      join ${wanted} on progress.tenant_id = wanted.tenant_id and progress.room_id = wanted.room_id
      join rooms on rooms.tenant_id = progress.tenant_id and rooms.id = progress.room_id
      where progress.indexed_seq < rooms.last_seq
      order by progress.tenant_id, progress.room_id
      for no key update of progress skip locked
    ),
    found as materialized (
      select claimed.tenant_id, claimed.room_id, message.*
      from claimed cross join lateral (
        select * from (
          (
            select seq, changed_seq, id, sender_id, created_at, content, kind, deleted_at from messages
            where tenant_id = claimed.tenant_id and room_id = claimed.room_id
              and seq > claimed.indexed_seq and changed_seq = seq
            order by seq limit ${limit}
          )
          union all
          (
            select seq, changed_seq, id, sender_id, created_at, content, kind, deleted_at from messages
            where tenant_id = claimed.tenant_id and room_id = claimed.room_id
              and changed_seq > claimed.indexed_seq and changed_seq > seq
            order by changed_seq limit ${limit}
          )
        ) as either
        order by changed_seq limit ${limit}
      ) as message
    ),
    written as (
      insert into message_search (tenant_id, room_id, seq, changed_seq, message_id, sender_id, sent_at, words)
      select tenant_id, room_id, seq, changed_seq, id, sender_id, date_trunc('milliseconds', created_at), search_words(content)
      from found where deleted_at is null and kind <> 'system'
      on conflict (tenant_id, room_id, seq) do update set changed_seq = excluded.changed_seq, words = excluded.words
    ),
    removed as (
      delete from message_search as indexed using found
      where found.deleted_at is not null
        and indexed.tenant_id = found.tenant_id and indexed.room_id = found.room_id and indexed.seq = found.seq
    ),
    reached as (
      select claimed.tenant_id, claimed.room_id, count(found.seq) = ${limit} as has_more,
        case when count(found.seq) = ${limit} then max(found.changed_seq) else claimed.last_seq end as seq
      from claimed left join found on found.tenant_id = claimed.tenant_id and found.room_id = claimed.room_id
      group by claimed.tenant_id, claimed.room_id, claimed.last_seq
    )
    update search_progress set indexed_seq = greatest(search_progress.indexed_seq, reached.seq)
    from reached
    where search_progress.tenant_id = reached.tenant_id and search_progress.room_id = reached.room_id
    returning search_progress.tenant_id as "tenantId", search_progress.room_id as "roomId", reached.has_more`.execute(
    db,
  )
  return rows.filter((row) => row.has_more).map(({ tenantId, roomId }) => ({ tenantId, roomId }))
}

/** Rooms whose index is behind, of a stretch of all rooms after this one, and where that stretch ends (undefined: at the last room). */
export async function roomsBehind(
  db: Db,
  after: RoomKey,
  stretch: number,
): Promise<{ behind: RoomKey[]; end: RoomKey | undefined }> {
  const isAfter = sql<boolean>`(rooms.tenant_id, rooms.id) > (${after.tenantId}, ${after.roomId}::uuid)`
  const end = await db
    .selectFrom('rooms')
    .select(['tenant_id as tenantId', 'id as roomId'])
    .where(isAfter)
    .orderBy('tenant_id')
    .orderBy('id')
    .offset(stretch - 1)
    .limit(1)
    .executeTakeFirst()
  const rooms = db
    .selectFrom('rooms')
    .leftJoin('search_progress as progress', (join) =>
      join.onRef('progress.tenant_id', '=', 'rooms.tenant_id').onRef('progress.room_id', '=', 'rooms.id'),
    )
    .select(['rooms.tenant_id as tenantId', 'rooms.id as roomId'])
    .where(isAfter)
    .where('rooms.deleted_at', 'is', null)
    .where(sql<boolean>`rooms.last_seq > coalesce(progress.indexed_seq, 0)`)
  const isWithin = end && sql<boolean>`(rooms.tenant_id, rooms.id) <= (${end.tenantId}, ${end.roomId}::uuid)`
  return { behind: await (isWithin ? rooms.where(isWithin) : rooms).execute(), end }
}
