import type { Message, MessagesAround, MessageVersion } from '../../shared/message.ts'
import type { Page } from '../../shared/page.ts'
import type { Db, Tx } from '../db/database.ts'
import { readSnapshot } from '../db/transaction.ts'
import { assertMay, readAccess } from '../member/access.ts'
import { selectMessages, toMessage } from '../room-log/message-shape.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { decodeCursor, encodeCursor } from '../rpc/cursor.ts'

/** Messages of a room that the caller may see, the right to them checked by the same statement. */
function selectReadable(db: Db | Tx, session: Session, roomId: string) {
  const messages = selectMessages(db)
    .innerJoin('rooms', (join) =>
      join.onRef('rooms.tenant_id', '=', 'messages.tenant_id').onRef('rooms.id', '=', 'messages.room_id'),
    )
    .where('messages.tenant_id', '=', session.tenantId)
    .where('messages.room_id', '=', roomId)
    .where('rooms.deleted_at', 'is', null)
    .whereRef('messages.seq', '>=', 'rooms.history_from_seq')
  if (session.role === 'service') return messages
  return messages
    .innerJoin('members as viewer', (join) =>
      join
        .onRef('viewer.tenant_id', '=', 'messages.tenant_id')
        .onRef('viewer.room_id', '=', 'messages.room_id')
        .on('viewer.user_id', '=', session.userId)
        .on('viewer.left_at', 'is', null),
    )
    .whereRef('messages.seq', '>=', 'viewer.visible_from_seq')
}

type Direction = 'older' | 'newer'
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
  const [from] = decodeCursor(scope, input.cursor, ['seq']) ?? []
  const rows = await pageFrom(services.database.db, session, roomId, { direction, from, limit: limit + 1 })
  // No row may mean an empty page or no right to one: say which.
  if (rows.length === 0) await readAccess(services.database.db, session, roomId)
  const items = rows.slice(0, limit).map(toMessage)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(scope, [last.seq]) : null }
}

function pageFrom(
  db: Db | Tx,
  session: Session,
  roomId: string,
  { direction, from, limit }: { direction: Direction; from: number | undefined; limit: number },
) {
  const isOlder = direction === 'older'
  const page = selectReadable(db, session, roomId)
    .where('messages.thread_id', 'is', null)
    .orderBy('messages.seq', isOlder ? 'desc' : 'asc')
    .limit(limit)
  return (from === undefined ? page : page.where('messages.seq', isOlder ? '<' : '>', from)).execute()
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
    const older = await pageFrom(tx, session, roomId, { direction: 'older', from: middle.seq, limit: before + 1 })
    const newer = await pageFrom(tx, session, roomId, { direction: 'newer', from: middle.seq, limit: after + 1 })
    const items = [
      ...older.slice(0, before).toReversed().map(toMessage),
      middle,
      ...newer.slice(0, after).map(toMessage),
    ]
    const cursorAt = (direction: Direction, seq: number | undefined) =>
      encodeCursor(cursorScope(roomId, direction), [seq ?? middle.seq])
    return {
      items,
      olderCursor: older.length > before ? cursorAt('older', items[0]?.seq) : null,
      newerCursor: newer.length > after ? cursorAt('newer', items.at(-1)?.seq) : null,
    }
  })
}

/** @throws ChatError NOT_FOUND, or NOT_A_MEMBER in a public channel */
export async function readMessage(db: Db | Tx, session: Session, roomId: string, messageId: string): Promise<Message> {
  const row = await selectReadable(db, session, roomId).where('messages.id', '=', messageId).executeTakeFirst()
  if (row) return toMessage(row)
  await readAccess(db, session, roomId)
  throw new ChatError('NOT_FOUND')
}

/** What a message said before, latest first. After a delete for moderators only. */
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
