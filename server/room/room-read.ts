import { sql } from 'kysely'
import type { Page, Paging } from '../../shared/page.ts'
import { formatPosition, parsePosition } from '../../shared/position.ts'
import type { MyRoom, Room } from '../../shared/room.ts'
import type { RoomChanges } from '../../shared/room-event.ts'
import { readAccess } from '../access/access.ts'
import { assertNotBanned } from '../access/ban.ts'
import { memberClock } from '../access/member-now.ts'
import { containing } from '../db/like-pattern.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { userKey } from '../lib/keys.ts'
import { positionRefusal } from '../log/position-refusal.ts'
import { readLog, visibleFrom } from '../log/room-log.ts'
import { toRoom } from '../log/room-shape.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { lastActivity, selectMyRooms, toMyRooms } from './my-rooms.ts'
import { isHidden, pinned } from './room-settings.ts'

/**
 * One room as the caller sees it. A banned former member learns the end of the ban, even for a private room.
 * @throws ChatError MEMBER_BANNED, NOT_FOUND, or NOT_A_MEMBER for a public channel
 */
export function readMyRoom(
  { database }: Pick<Services, 'database'>,
  session: Session,
  roomId: string,
): Promise<MyRoom> {
  return readSnapshot(database.db, async (tx) => {
    const rows = await selectMyRooms(tx, session).where('rooms.id', '=', roomId).execute()
    const [room] = await toMyRooms(tx, database, session, rows)
    if (room) return room
    const departed = await tx
      .selectFrom('members')
      .innerJoin('rooms', (join) =>
        join.onRef('rooms.tenant_id', '=', 'members.tenant_id').onRef('rooms.id', '=', 'members.room_id'),
      )
      .select(['members.banned_until', ...memberClock])
      .where('members.tenant_id', '=', session.tenantId)
      .where('members.room_id', '=', roomId)
      .where('members.user_id', '=', session.userId)
      .where('rooms.deleted_at', 'is', null)
      .executeTakeFirst()
    if (departed) assertNotBanned(departed)
    await readAccess(tx, session, roomId)
    throw new ChatError('NOT_FOUND')
  })
}

/** The caller's rooms, pinned ones first, then by latest activity. Hidden rooms have a list of their own. */
export async function listMyRooms(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { archived, hidden, ...paging }: Paging & { archived: boolean; hidden: boolean },
): Promise<Page<MyRoom>> {
  const scope = `room.list/${session.tenantId}/${session.userId}/${archived}/${hidden}`
  const page = await openPage(cursors, { scope, kinds: ['seq', 'time', 'uuid'] }, paging)
  // Truncated to milliseconds like the cursor: comparing those with the column's microseconds would skip rooms.
  const activity = sql<Date>`date_trunc('milliseconds', ${lastActivity})`
  return readSnapshot(database.db, async (tx) => {
    const rooms = selectMyRooms(tx, session)
      .where('rooms.archived_at', archived ? 'is not' : 'is', null)
      .where(isHidden, '=', hidden)
      .select(pinned.as('pinned'))
    const rows = await page.select(rooms, [pinned, activity, 'rooms.id'], 'desc').execute()
    const { items, nextCursor } = page.rowsOf(rows, (row) => [row.pinned, row.last_activity, row.id])
    return { items: await toMyRooms(tx, database, session, items), nextCursor }
  })
}

/** The tenant's public channels by name. */
export async function discoverRooms(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { query, ...paging }: Paging & { query?: string | undefined },
): Promise<Page<Room>> {
  const scope = `room.discover/${session.tenantId}/${query ?? ''}`
  const page = await openPage(cursors, { scope, kinds: ['text', 'uuid'] }, paging)
  const byName = sql<string>`lower(name)`
  let rooms = database.db
    .selectFrom('rooms')
    .selectAll()
    .select(byName.as('sort_name'))
    .where('tenant_id', '=', session.tenantId)
    .where('kind', '=', 'channel')
    .where('is_private', '=', false)
    .where('deleted_at', 'is', null)
    .where('archived_at', 'is', null)
  if (query) rooms = rooms.where(byName, 'like', containing(query))
  return page.of(await page.select(rooms, [byName, 'id']).execute(), {
    key: (row) => [row.sort_name, row.id],
    item: (row) => toRoom(row, database.epochOf(row.epoch_seed)),
  })
}

interface ChangesInput {
  roomId: string
  after?: string | undefined
  limit: number
}

/** A page of the room's log after a position, or without one only its head. The events are those of `room.onEvent`. */
export function readChanges(
  { database, catchUps }: Pick<Services, 'catchUps' | 'database'>,
  session: Session,
  { roomId, after, limit }: ChangesInput,
  signal: AbortSignal,
): Promise<RoomChanges> {
  const read = () =>
    readSnapshot(database.db, async (tx) => {
      const access = await readAccess(tx, session, roomId)
      const { room, fromSeq } = access
      const here = { epoch: database.epochOf(room.epoch_seed), seq: room.last_seq }
      const head = formatPosition(here.epoch, here.seq)
      const asked = after === undefined ? undefined : parsePosition(after)
      if (!asked) return { events: [], position: head, more: false }
      const reason = positionRefusal(asked, here, access)
      if (reason) return { events: [{ type: 'reset' as const, reason, seq: here.seq }], position: head, more: false }
      const { events, more } = await readLog(tx, database, room, asked.seq, limit)
      const position = formatPosition(here.epoch, events.at(-1)?.seq ?? asked.seq)
      return { events: events.map((event) => visibleFrom(event, fromSeq)), position, more }
    })
  return after === undefined ? read() : catchUps.run(userKey(session), signal, read)
}
