import { sql } from 'kysely'
import type { Message, MessagesAround, MessageVersion } from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import { assertMay, readAccess } from '../access/access.ts'
import type { Db, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMessages } from '../log/message-shape.ts'
import { type Direction, notHiddenFrom, readMessage } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'

/** The first seq of the room `rooms` that its member `viewer` may see. A service sees all that the room still has. */
const firstVisible = ({ role }: Session) =>
  role === 'service'
    ? sql<number>`rooms.history_from_seq`
    : sql<number>`greatest(rooms.history_from_seq, viewer.visible_from_seq)`

const cursorScope = (roomId: string, direction: Direction) => `message.list/${direction}/${roomId}`

interface ListInput {
  roomId: string
  cursor?: string | undefined
  limit: number
  direction: Direction
}

/** A page of the room's messages (no thread replies): newest first going back in time, oldest first going forward. */
export async function listMessages(services: Services, session: Session, input: ListInput): Promise<Page<Message>> {
  const { roomId, limit, direction } = input
  const scope = cursorScope(roomId, direction)
  const [from] = (await services.cursors.decode(scope, input.cursor, ['seq'])) ?? []
  const { database } = services
  const page = pageFrom(database.db, session, { roomId, direction, from, limit: limit + 1 })
  const rows = await database.plannedOnce(page)
  // No row means an empty page, or no right to one: `readAccess` tells.
  if (rows.length === 0) await readAccess(database.db, session, roomId)
  const items = await toMessages(rows.slice(0, limit))
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? services.cursors.encode(scope, [last.seq]) : null }
}

/**
 * The room and the caller's member row first, then as many messages as the page has along the index, then their authors by key: left to
 * choose, Postgres reads a whole room and sorts it, or all its members.
 */
function pageFrom(
  db: Db | Tx,
  session: Session,
  { roomId, direction, from, limit }: { roomId: string; direction: Direction; from: number | undefined; limit: number },
) {
  const isOlder = direction === 'older'
  return db
    .selectFrom('rooms')
    .leftJoin('members as viewer', (join) =>
      join
        .onRef('viewer.tenant_id', '=', 'rooms.tenant_id')
        .onRef('viewer.room_id', '=', 'rooms.id')
        .on('viewer.user_id', '=', session.userId)
        .on('viewer.left_at', 'is', null),
    )
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('messages')
          .selectAll('messages')
          .whereRef('messages.tenant_id', '=', 'rooms.tenant_id')
          .whereRef('messages.room_id', '=', 'rooms.id')
          .where('messages.seq', '>=', firstVisible(session))
          .$if(from !== undefined, (page) => page.where('messages.seq', isOlder ? '<' : '>', from ?? 0))
          .where('messages.thread_id', 'is', null)
          .where(notHiddenFrom(session.userId))
          .orderBy('messages.seq', isOlder ? 'desc' : 'asc')
          .limit(limit)
          .as('page'),
      (join) => join.onTrue(),
    )
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('members')
          .select(['members.user_name', 'members.user_picture_url'])
          .whereRef('members.tenant_id', '=', 'page.tenant_id')
          .whereRef('members.room_id', '=', 'page.room_id')
          .whereRef('members.user_id', '=', 'page.sender_id')
          .limit(1)
          .as('sender'),
      (join) => join.onTrue(),
    )
    .selectAll('page')
    .select(['sender.user_name', 'sender.user_picture_url'])
    .where('rooms.tenant_id', '=', session.tenantId)
    .where('rooms.id', '=', roomId)
    .where('rooms.deleted_at', 'is', null)
    .$if(session.role !== 'service', (page) => page.where('viewer.user_id', 'is not', null))
    .orderBy('page.seq', isOlder ? 'desc' : 'asc')
}

/** One message and its neighbours, half of `limit` on either side. @throws ChatError NOT_FOUND */
export function messagesAround(
  services: Services,
  session: Session,
  { roomId, messageId, limit }: { roomId: string; messageId: string; limit: number },
): Promise<MessagesAround> {
  return readSnapshot(services.database.db, async (tx) => {
    const middle = await readMessage(tx, session, roomId, messageId)
    const before = Math.floor((limit - 1) / 2)
    const after = limit - 1 - before
    const page = { roomId, from: middle.seq }
    const older = await pageFrom(tx, session, { ...page, direction: 'older', limit: before + 1 }).execute()
    const newer = await pageFrom(tx, session, { ...page, direction: 'newer', limit: after + 1 }).execute()
    const items = [
      ...(await toMessages(older.slice(0, before).toReversed())),
      middle,
      ...(await toMessages(newer.slice(0, after))),
    ]
    const cursorAt = (direction: Direction, seq: number | undefined) =>
      services.cursors.encode(cursorScope(roomId, direction), [seq ?? middle.seq])
    return {
      items,
      olderCursor: older.length > before ? cursorAt('older', items[0]?.seq) : null,
      newerCursor: newer.length > after ? cursorAt('newer', items.at(-1)?.seq) : null,
    }
  })
}

/** The earlier contents of a message, latest first. After a delete only moderators see them. */
export function messageVersions(
  services: Services,
  session: Session,
  { roomId, messageId }: { roomId: string; messageId: string },
): Promise<MessageVersion[]> {
  return readSnapshot(services.database.db, async (tx) => {
    const message = await readMessage(tx, session, roomId, messageId)
    if (message.deletedAt) assertMay(await readAccess(tx, session, roomId), 'message.readDeleted')
    const versions = await tx
      .selectFrom('message_versions')
      .select(['content', 'replaced_at as replacedAt', 'seq'])
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where('message_id', '=', messageId)
      .orderBy('seq', 'desc')
      .limit(MAX_VERSIONS)
      .execute()
    return versions
  })
}

const MAX_VERSIONS = 100
