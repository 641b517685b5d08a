import type { Message, MessagesAround, MessageVersion } from '../../shared/message.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { assertMay, readAccess } from '../access/access.ts'
import { firstVisibleTo, notHiddenFrom } from '../access/visibility.ts'
import type { Db, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMessages } from '../log/message-shape.ts'
import { type Direction, readMessage } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { KeysetPage, openPage } from '../rpc/keyset-page.ts'

const listOf = (roomId: string, direction: Direction) =>
  ({ scope: `message.list/${direction}/${roomId}`, kinds: ['seq'] }) as const

interface ListInput extends RoomPaging {
  direction: Direction
}

/** A page of the room's messages (no thread replies): newest first going back in time, oldest first going forward. */
export async function listMessages(services: Services, session: Session, input: ListInput): Promise<Page<Message>> {
  const { roomId, direction } = input
  const { database, cursors } = services
  const page = await openPage(cursors, listOf(roomId, direction), input)
  const rows = await database.plannedOnce(selectPage(database.db, session, { roomId, direction, page }))
  // No row means an empty page, or no right to one: `readAccess` tells.
  if (rows.length === 0) await readAccess(database.db, session, roomId)
  return page.ofAll(rows, { key: (row) => [row.seq], items: toMessages })
}

/**
 * The room and the caller's member row first, then as many messages as the page has along the index, then their authors by key: left to
 * choose, Postgres reads a whole room and sorts it, or all its members.
 */
function selectPage(
  db: Db | Tx,
  session: Session,
  { roomId, direction, page }: { roomId: string; direction: Direction; page: KeysetPage<readonly ['seq']> },
) {
  const order = direction === 'older' ? 'desc' : 'asc'
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
        page
          .select(
            eb
              .selectFrom('messages')
              .selectAll('messages')
              .whereRef('messages.tenant_id', '=', 'rooms.tenant_id')
              .whereRef('messages.room_id', '=', 'rooms.id')
              .where('messages.seq', '>=', firstVisibleTo(session))
              .where('messages.thread_id', 'is', null)
              .where(notHiddenFrom(session.userId)),
            ['messages.seq'],
            order,
          )
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
    .$if(session.role !== 'service', (rooms) => rooms.where('viewer.user_id', 'is not', null))
    .orderBy('page.seq', order)
}

/** One message and its neighbours, half of `limit` on either side. @throws ChatError NOT_FOUND */
export function messagesAround(
  services: Services,
  session: Session,
  { roomId, messageId, limit }: { roomId: string; messageId: string; limit: number },
): Promise<MessagesAround> {
  return readSnapshot(services.database.db, async (tx) => {
    const middle = await readMessage(tx, session, roomId, messageId)
    const neighbours = async (direction: Direction, count: number) => {
      const page = new KeysetPage(services.cursors, listOf(roomId, direction), { after: [middle.seq], limit: count })
      const rows = await selectPage(tx, session, { roomId, direction, page }).execute()
      return page.ofAll(rows, { key: (row) => [row.seq], items: toMessages })
    }
    const before = Math.floor((limit - 1) / 2)
    const older = await neighbours('older', before)
    const newer = await neighbours('newer', limit - 1 - before)
    return {
      items: [...older.items.toReversed(), middle, ...newer.items],
      olderCursor: older.nextCursor,
      newerCursor: newer.nextCursor,
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
