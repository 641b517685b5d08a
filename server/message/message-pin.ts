import type { NotNull } from 'kysely'
import { LIMITS } from '../../shared/limits.ts'
import type { Message } from '../../shared/message.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { type Access, assertMay, readAccess } from '../access/access.ts'
import { assertMayWrite } from '../access/write-rights.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { MessageRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { toMessages } from '../log/message-shape.ts'
import { selectReadable } from '../log/readable-messages.ts'
import type { RoomChange } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { changeMessage, type Target } from './message-change.ts'

/**
 * Pins a message for everybody in the room; a pinned one stays as it is.
 * @throws ChatError NOT_FOUND, FORBIDDEN, MESSAGE_DELETED, BLOCKED, MUTED, ROOM_ARCHIVED, ROOM_FROZEN, TOO_MANY_PINS
 */
export const pinMessage = (services: Services, session: Session, target: Target): Promise<Message> =>
  changeMessage(services, session, target, async ({ change, access, row, sender }) => {
    assertMayPin(session, access)
    if (row.deleted_at) throw new ChatError('MESSAGE_DELETED')
    if (row.pinned_at) return undefined
    if ((await countPins(change)) >= LIMITS.pins) throw new ChatError('TOO_MANY_PINS')
    await recordPin(change, session, 'message.pin', row)
    return change.updateMessage(row.seq, { pinned_at: new Date(), pinned_by: session.userId }, sender)
  })

/** Unpins it; where it is not pinned, nothing changes. @throws ChatError as `pinMessage`, except TOO_MANY_PINS */
export const unpinMessage = (services: Services, session: Session, target: Target): Promise<Message> =>
  changeMessage(services, session, target, async ({ change, access, row, sender }) => {
    assertMayPin(session, access)
    if (!row.pinned_at) return undefined
    await recordPin(change, session, 'message.unpin', row)
    return change.updateMessage(row.seq, { pinned_at: null, pinned_by: null }, sender)
  })

function recordPin(
  { tx }: RoomChange,
  session: Session,
  action: 'message.pin' | 'message.unpin',
  { room_id: roomId, sender_id: userId, id: messageId }: MessageRow,
): Promise<void> {
  return recordAct(tx, session, { action, roomId, userId, messageId })
}

/** In a direct room nobody has a role over the other: both may. */
function assertMayPin(session: Session, access: Access): void {
  if (access.room.kind !== 'direct') assertMay(access, 'message.pin')
  assertMayWrite(session, access)
}

async function countPins({ tx, room }: RoomChange): Promise<number> {
  const { count } = await tx
    .selectFrom('messages')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('seq', '>=', room.history_from_seq)
    .where('pinned_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return count
}

/** The room's pinned messages, the latest pin first. */
export async function listPinned(
  { database: { db }, cursors }: Services,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<Message>> {
  const page = await openPage(cursors, { scope: `message.pinned/${roomId}`, kinds: ['time', 'seq'] }, paging)
  const pinned = selectReadable(db, session, roomId)
    .where('messages.pinned_at', 'is not', null)
    .$narrowType<{ pinned_at: NotNull }>()
  // Exact: pinned_at is written in milliseconds, which is what a cursor holds.
  const rows = await page.select(pinned, ['messages.pinned_at', 'messages.seq'], 'desc').execute()
  // No row means an empty page, or no right to one: `readAccess` tells.
  if (rows.length === 0) await readAccess(db, session, roomId)
  return page.ofAll(rows, { key: (row) => [row.pinned_at, row.seq], items: toMessages })
}
