import { sql } from 'kysely'
import { notHiddenFrom } from '../access/visibility.ts'
import { checkRows, readRows } from '../db/checked-rows.ts'
import type { Tx } from '../db/schema.ts'
import { isDate, isNumber, isText, orNull, type Shape } from '../lib/checks.ts'
import { AUTHORED_ROW, type AuthoredRow } from '../log/message-shape.ts'
import { keysOf, type TextQuery } from './text-query.ts'

/*
 * Matches are ranked by relevance and recency within windows: the latest 500 matches are ranked among themselves, then the 500
 * before them, and so on. A search for a frequent word therefore reads no more than one for a rare word. Pages are consistent
 * with each other because the cursor carries the first page's time, by which ages are computed, and the end of the window, which
 * stays fixed for all its pages. Otherwise each match that appears or disappears would shift others between windows, to be
 * returned twice or never.
 */
const WINDOW = 500
/** Bound on matches in a window whose end is fixed: new matches can raise it above 500. */
const LARGEST_WINDOW = 2 * WINDOW
/** A match of this age has half the weight of a current one. */
const HALF_WEIGHT_DAYS = 30
/** Scores are integers, because cursors hold integers. */
const SCORE_UNIT = 1e9

/** A room to search, and the first message to consider. */
export interface SearchedRoom {
  id: string
  fromSeq: number
}

/** The position of a match: its time and message id. */
export type MatchPosition = [time: number, messageId: string]

/** Precedes every match; the last window ends here. */
export const FIRST_POSITION: MatchPosition = [0, '00000000-0000-0000-0000-000000000000']

export interface WindowStart {
  /** The time by which ages are computed, in milliseconds. */
  asOf: number
  /** Newer matches belong to earlier windows. */
  before: MatchPosition
  /** The last position in this window; undefined until it has been read. */
  end: MatchPosition | undefined
  /** The last match of this window that was returned. */
  after: [score: number, time: number, messageId: string] | undefined
}

type FoundRow = AuthoredRow & { score: number; sent_at: Date }

export interface FoundMessage {
  row: FoundRow
  /** The window that the match was found in. */
  start: WindowStart
}

interface WindowSearch {
  tenantId: string
  userId: string
  query: TextQuery
  rooms: SearchedRoom[]
  senderId?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
  limit: number
}

const FOUND: Shape<FoundRow> = { ...AUTHORED_ROW, score: isNumber, sent_at: isDate }

/** A match or nulls, with the end of the window, which is null if there are no further matches. */
const WINDOW_ROW = { score: orNull(isNumber), end_at: orNull(isDate), end_id: orNull(isText) }

/**
 * At most `limit` of the best matches of one window after those already returned, and the next window's start; undefined after
 * the last.
 */
export async function readWindow(
  tx: Tx,
  search: WindowSearch,
  start: WindowStart,
): Promise<{ found: FoundMessage[]; next: WindowStart | undefined }> {
  const { after, asOf } = start
  const isAfter = after
    ? sql`(score, sent_at, message_id) < (${after[0]}::bigint, ${new Date(after[1])}::timestamptz, ${after[2]}::uuid)`
    : sql`true`
  const rows = await readRows(tx, {
    row: WINDOW_ROW,
    sql: sql`
    with latest as materialized (${latestMatches(search, start)}),
    ranked as (
      select newest.*, floor(
        ${SCORE_UNIT}::float8 * ts_rank(words, ${search.query.text}::tsquery, 1)
        / (1 + greatest(0, extract(epoch from ${new Date(asOf)}::timestamptz - sent_at)::float8) / ${HALF_WEIGHT_DAYS * 86_400}::float8)
      )::bigint as score
      from (select * from latest order by sent_at desc, message_id desc limit ${start.end ? LARGEST_WINDOW : WINDOW}) as newest
    ),
    best as (
      select messages.*, ranked.score, ranked.sent_at
      from ranked join messages using (tenant_id, room_id, seq)
      where messages.tenant_id = ${search.tenantId} and ${isAfter} and messages.deleted_at is null and ${notHiddenFrom(search.userId)}
        -- What was edited since it was indexed is looked at itself.
        and (messages.changed_seq = ranked.changed_seq or search_words(messages.content) @@ ${search.query.text}::tsquery)
      order by score desc, sent_at desc, message_id desc
      limit ${search.limit}
    ),
    ending as (
      select last.sent_at as end_at, last.message_id as end_id
      from (select) as always
      left join lateral (
        select * from latest order by sent_at desc, message_id desc offset ${WINDOW - 1} limit 1
      ) as last on (select count(*) from latest) > ${WINDOW}
    )
    select best.*, sender.user_name, sender.user_picture_url, ending.*
    from ending
    left join best on true
    left join members as sender
      on sender.tenant_id = ${search.tenantId} and sender.room_id = best.room_id and sender.user_id = best.sender_id
    order by best.score desc, best.sent_at desc, best.id desc`,
  })
  const matches = rows.filter(({ score }) => score !== null)
  const { end_at: endAt = null, end_id: endId = null } = rows[0] ?? {}
  const end: MatchPosition = start.end ?? (endAt && endId ? [endAt.getTime(), endId] : FIRST_POSITION)
  const isLast = end[0] === FIRST_POSITION[0]
  return {
    found: checkRows(FOUND, matches).map((row) => ({ row, start: { ...start, end } })),
    next: isLast ? undefined : { asOf, before: end, end: undefined, after: undefined },
  }
}

/**
 * The matches of a window. If its end is unknown, reads the latest ones, plus one if a next window exists. Reads room by room
 * from the word index. The condition on the room is written so that the primary key can't serve it, because that would read all
 * messages of the rooms. `offset 0` prevents Postgres from first evaluating a supposedly rare condition on the whole table.
 */
function latestMatches(
  { tenantId, query, rooms, senderId, since, until }: WindowSearch,
  { before: [beforeTime, beforeId], end }: WindowStart,
) {
  const roomIds = rooms.map((room) => room.id)
  const fromSeqs = rooms.map((room) => room.fromSeq)
  const conditions = [
    sql`search_keys(indexed.room_id, indexed.words) @@ wanted.keys`,
    sql`indexed.room_id is not distinct from room.id`,
    sql`indexed.seq >= room.from_seq`,
    sql`indexed.tenant_id = ${tenantId}`,
    sql`(indexed.sent_at, indexed.message_id) < (${new Date(beforeTime)}::timestamptz, ${beforeId}::uuid)`,
    ...(end ? [sql`(indexed.sent_at, indexed.message_id) >= (${new Date(end[0])}::timestamptz, ${end[1]}::uuid)`] : []),
    ...(query.isStricterThanWords ? [sql`indexed.words @@ ${query.text}::tsquery`] : []),
    ...(senderId === undefined ? [] : [sql`indexed.sender_id = ${senderId}`]),
    ...(since ? [sql`indexed.sent_at >= ${since}::timestamptz`] : []),
    ...(until ? [sql`indexed.sent_at < ${until}::timestamptz`] : []),
  ]
  return sql`
    select matches.*
    from unnest(${roomIds}::uuid[], ${fromSeqs}::bigint[]) as room (id, from_seq)
    cross join lateral (select ${keysOf(sql`room.id`, query)} as keys) as wanted
    cross join lateral (
      select indexed.* from message_search as indexed
      where ${sql.join(conditions, sql` and `)}
      offset 0
    ) as matches
    order by matches.sent_at desc, matches.message_id desc
    limit ${end ? LARGEST_WINDOW : WINDOW + 1}`
}
