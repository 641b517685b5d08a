import type { z } from 'zod'
import type { Message } from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import type { SearchHit, searchInputs } from '../../shared/search.ts'
import { readAccess } from '../access/access.ts'
import { firstVisibleSeq } from '../access/visibility.ts'
import type { Database } from '../db/database.ts'
import type { Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { databaseErrorCode } from '../errors/database-error.ts'
import { userKey } from '../lib/keys.ts'
import type { Steps } from '../lib/loop-share.ts'
import { toMessages } from '../log/message-shape.ts'
import type { Services, Session } from '../rpc/context.ts'
import type { CursorKey, CursorKind } from '../rpc/cursor.ts'
import { type KeysetPage, openPage } from '../rpc/keyset-page.ts'
import { type SearchDeadline, searchInTime } from './search-deadline.ts'
import { type SearchTerm, searchTerms } from './search-terms.ts'
import { FIRST_POSITION, type FoundMessage, readWindow, type SearchedRoom, type WindowStart } from './search-window.ts'
import { snippetOf } from './snippet.ts'
import { TermFinder } from './term-finder.ts'
import { type TextQuery, toTextQuery } from './text-query.ts'

const QUERY_CANCELED = '57014'

type SearchInput = z.output<typeof searchInputs.search>

/**
 * Finds messages that match the query, in the caller's rooms and within the history that the caller may see.
 * @throws ChatError NOT_FOUND and NOT_A_MEMBER for `roomId`, SEARCH_TIMEOUT, INVALID_INPUT if the query has no word to search
 * for, RATE_LIMITED if too many searches wait
 */
export function searchMessages(
  { database, cursors, searches, loopShare }: Pick<Services, 'cursors' | 'database' | 'loopShare' | 'searches'>,
  session: Session,
  input: SearchInput,
): Promise<Page<SearchHit>> {
  const terms = searchTerms(input.query)
  return searchInTime(async (deadline) => {
    const page = await openPage(cursors, { scope: cursorScope(session, input), kinds: CURSOR_KEY }, input)
    const found = await searches.run(userKey(session), deadline.signal, () =>
      readFound(database, session, input, { terms, page, deadline }),
    )
    const { items, nextCursor } = page.rowsOf(found, keyOf)
    const messages = await toMessages(items.map(({ row }) => row))
    return { items: await loopShare.run(toHits(messages, terms, deadline)), nextCursor }
  })
}

interface Wanted {
  terms: SearchTerm[]
  page: KeysetPage<typeof CURSOR_KEY>
  deadline: SearchDeadline
}

async function readFound(
  { db }: Database,
  session: Session,
  input: SearchInput,
  { terms, page, deadline }: Wanted,
): Promise<FoundMessage[]> {
  try {
    return await readSnapshot(db, async (tx) => {
      await deadline.bound(tx)
      const query = await toTextQuery(tx, terms)
      await deadline.bound(tx)
      const rooms = await readRooms(tx, session, input.roomId)
      return readWindows(tx, session, input, { query, rooms, page, deadline })
    })
  } catch (error) {
    if (databaseErrorCode(error) === QUERY_CANCELED) throw new ChatError('SEARCH_TIMEOUT', { cause: error })
    throw error
  }
}

/** Takes one step per message. */
function* toHits(messages: Message[], terms: SearchTerm[], deadline: SearchDeadline): Steps<SearchHit[]> {
  const finder = new TermFinder(terms)
  const hits: SearchHit[] = []
  for (const message of messages) {
    deadline.assertNotOver()
    hits.push({ message, snippet: snippetOf(message.content, finder) })
    yield
  }
  return hits
}

/** Bound on rooms per search. For a caller in more rooms, the most recently active ones are searched. */
const MAX_ROOMS = 5_000

/** The rooms to search, with the first message of each that the caller may see. A service sees every room of its tenant. */
async function readRooms(tx: Tx, session: Session, roomId: string | undefined): Promise<SearchedRoom[]> {
  if (roomId !== undefined) {
    const { fromSeq } = await readAccess(tx, session, roomId)
    return [{ id: roomId, fromSeq }]
  }
  const isService = session.role === 'service'
  const rooms = await tx
    .selectFrom('rooms')
    .leftJoin('members', (join) =>
      join
        .onRef('members.tenant_id', '=', 'rooms.tenant_id')
        .onRef('members.room_id', '=', 'rooms.id')
        .on('members.user_id', '=', session.userId)
        .on('members.left_at', 'is', null),
    )
    .select(['rooms.id', 'rooms.history_from_seq', 'members.visible_from_seq'])
    .where('rooms.tenant_id', '=', session.tenantId)
    .where('rooms.deleted_at', 'is', null)
    .where('rooms.last_message_at', 'is not', null)
    .$if(!isService, (query) => query.where('members.user_id', 'is not', null))
    .orderBy('rooms.last_message_at', 'desc')
    .limit(MAX_ROOMS)
    .execute()
  return rooms.map((room) => ({
    id: room.id,
    fromSeq: firstVisibleSeq(room, isService ? null : room),
  }))
}

interface Search {
  query: TextQuery
  rooms: SearchedRoom[]
  page: KeysetPage<typeof CURSOR_KEY>
  deadline: SearchDeadline
}

/** Reads window after window until the page is full or no windows are left. */
async function readWindows(
  tx: Tx,
  session: Session,
  input: SearchInput,
  { query, rooms, page, deadline }: Search,
): Promise<FoundMessage[]> {
  const { senderId, since, until } = input
  const { tenantId, userId } = session
  const found: FoundMessage[] = []
  let start: WindowStart | undefined = startOf(page.after)
  while (start && found.length < page.take && rooms.length > 0) {
    await deadline.bound(tx)
    const search = { tenantId, userId, query, rooms, senderId, since, until, limit: page.take - found.length }
    const window = await readWindow(tx, search, start)
    found.push(...window.found)
    start = window.next
  }
  return found
}

/** A cursor is valid for one search by one caller. */
const cursorScope = ({ tenantId, userId }: Session, { query, roomId, senderId, since, until }: SearchInput): string =>
  `message.search/${JSON.stringify([tenantId, userId, query, roomId, senderId, since?.getTime(), until?.getTime()])}`

/** The window that a hit was found in, then the hit's position within it. */
const CURSOR_KEY = [
  'time',
  'time',
  'uuid',
  'time',
  'uuid',
  'seq',
  'time',
  'uuid',
] as const satisfies readonly CursorKind[]

const keyOf = ({ start: { asOf, before, end = FIRST_POSITION }, row }: FoundMessage) =>
  [asOf, ...before, ...end, row.score, row.sent_at, row.id] as const

function startOf(key: CursorKey<typeof CURSOR_KEY> | undefined): WindowStart {
  const now = Date.now()
  if (!key) return { asOf: now, before: [now + CLOCK_SKEW_MS, FIRST_POSITION[1]], end: undefined, after: undefined }
  const [asOf, beforeTime, beforeId, endTime, endId, score, time, id] = key
  return { asOf, before: [beforeTime, beforeId], end: [endTime, endId], after: [score, time, id] }
}

/** Tolerance for the difference between this clock and Postgres's, which sets the times of messages. */
const CLOCK_SKEW_MS = 60_000
