import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Db } from '../db/schema.ts'
import { isFlag, isText, type Shape } from '../lib/checks.ts'
import type { RoomKey } from '../lib/keys.ts'

/**
 * Advances the search index of these rooms along their logs by at most `limit` messages each. Returns the rooms that are
 * unfinished: they have more messages, or another server is indexing them.
 */
export async function indexBatch(database: Database, rooms: RoomKey[], limit: number): Promise<RoomKey[]> {
  const left = await database.prepared(INDEX, [...keysOf(rooms), limit], { isPatient: true, row: LEFT })
  const [more, added] = [left.filter(({ isNew }) => !isNew), left.filter(({ isNew }) => isNew)]
  if (added.length === 0) return more
  await database.prepared(BEGIN, keysOf(added), { isPatient: true })
  return [...more, ...(await indexBatch(database, added, limit))]
}

/** Sorted, so that no two servers wait for each other. */
function keysOf(rooms: RoomKey[]): [tenantIds: string[], roomIds: string[]] {
  const sorted = rooms.toSorted(
    (one, other) => compare(one.tenantId, other.tenantId) || compare(one.roomId, other.roomId),
  )
  return [sorted.map((room) => room.tenantId), sorted.map((room) => room.roomId)]
}

const compare = (one: string, other: string): number => Number(one > other) - Number(one < other)

/** A room with more to index; a new room has no progress yet. */
interface RoomLeft extends RoomKey {
  isNew: boolean
}

const LEFT: Shape<RoomLeft> = { tenantId: isText, roomId: isText, isNew: isFlag }

const WANTED = 'unnest($1::text[], $2::uuid[]) as wanted (tenant_id, room_id)'

const BEGIN = {
  name: 'search-begin',
  text: `
    insert into search_progress (tenant_id, room_id)
    select wanted.tenant_id, wanted.room_id from ${WANTED}
    join rooms on rooms.tenant_id = wanted.tenant_id and rooms.id = wanted.room_id
    on conflict do nothing`,
}

/*
 * Index entries and progress are committed together: a crash loses nothing and repeats nothing. A room that another server is
 * indexing is skipped. Unchanged and changed messages are read as two ranges, like the log (`server/log/room-log.ts`). Deleted
 * messages have no words. Each connection plans the statement once, because planning would cost a small batch more than
 * everything else; every table is therefore looked up by key, whatever its size at planning time.
 */
const INDEX = {
  name: 'search-index',
  text: `
    with claimed as materialized (
      select wanted.tenant_id, wanted.room_id, progress.indexed_seq, room.last_seq
      from ${WANTED}
      cross join lateral (
        select last_seq from rooms where tenant_id = wanted.tenant_id and id = wanted.room_id
      ) as room
      cross join lateral (
        select indexed_seq from search_progress
        where tenant_id = wanted.tenant_id and room_id = wanted.room_id and indexed_seq < room.last_seq
        for no key update skip locked
      ) as progress
    ),
    found as materialized (
      select claimed.tenant_id, claimed.room_id, message.*
      from claimed cross join lateral (
        select * from (
          (
            select seq, changed_seq, id, sender_id, created_at, content, kind from messages
            where tenant_id = claimed.tenant_id and room_id = claimed.room_id
              and seq > claimed.indexed_seq and changed_seq = seq
            order by seq limit $3
          )
          union all
          (
            select seq, changed_seq, id, sender_id, created_at, content, kind from messages
            where tenant_id = claimed.tenant_id and room_id = claimed.room_id
              and changed_seq > claimed.indexed_seq and changed_seq > seq
            order by changed_seq limit $3
          )
        ) as either
        order by changed_seq limit $3
      ) as message
    ),
    written as (
      insert into message_search (tenant_id, room_id, seq, changed_seq, message_id, sender_id, sent_at, words)
      select tenant_id, room_id, seq, changed_seq, id, sender_id, date_trunc('milliseconds', created_at), search_words(content)
      from found where kind <> 'system'
      on conflict (tenant_id, room_id, seq) do update set changed_seq = excluded.changed_seq, words = excluded.words
    ),
    counted as materialized (
      select tenant_id, room_id, count(*) as messages, max(changed_seq) as seq from found group by tenant_id, room_id
    ),
    moved as (
      insert into search_progress (tenant_id, room_id, indexed_seq)
      select tenant_id, room_id, case when messages = $3 then seq else last_seq end
      from claimed left join counted using (tenant_id, room_id)
      on conflict (tenant_id, room_id) do update set indexed_seq = excluded.indexed_seq
      returning tenant_id, room_id, indexed_seq
    )
    select wanted.tenant_id as "tenantId", wanted.room_id as "roomId", progress.indexed_seq is null as "isNew"
    from ${WANTED}
    cross join lateral (
      select last_seq from rooms where tenant_id = wanted.tenant_id and id = wanted.room_id
    ) as room
    left join lateral (
      select indexed_seq from search_progress where tenant_id = wanted.tenant_id and room_id = wanted.room_id
    ) as progress on true
    left join moved on moved.tenant_id = wanted.tenant_id and moved.room_id = wanted.room_id
    where coalesce(moved.indexed_seq, progress.indexed_seq, -1) < room.last_seq`,
}

/**
 * The rooms with an outdated index within a stretch of rooms after this one, and the end of the stretch (undefined after the last
 * room).
 */
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
