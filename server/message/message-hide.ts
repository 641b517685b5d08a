import type { HiddenMessage } from '../../shared/message.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { readAccess } from '../access/access.ts'
import { userChannel } from '../bus/bus.ts'
import type { Db } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { readMessage, selectVisible } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import type { Target } from './message-change.ts'

/*
 * A message that a member has hidden is in none of that member's lists, and does not count as unread. Hiding is no change of the room:
 * the log and its events are the same for all members. A client that folds them leaves hidden messages out by their ids.
 */

/** Hides a message from the caller's own view. Repeated, it changes nothing. @throws ChatError NOT_FOUND, NOT_A_MEMBER */
export async function hideMessage(services: Services, session: Session, target: Target): Promise<void> {
  const { db } = services.database
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('hidden_messages')
    .columns(['tenant_id', 'room_id', 'user_id', 'seq', 'thread_id', 'ordinal'])
    .expression(
      selectTarget(db, session, target).select((eb) => [
        'messages.tenant_id',
        'messages.room_id',
        eb.ref('viewer.user_id').as('user_id'),
        'messages.seq',
        'messages.thread_id',
        'messages.ordinal',
      ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 1n) return tellDevices(services, session, target, true)
  await assertInReach(db, session, target)
}

/** Shows it again. Where it is not hidden, nothing changes. @throws ChatError as `hideMessage` */
export async function unhideMessage(services: Services, session: Session, target: Target): Promise<void> {
  const { db } = services.database
  const { numDeletedRows } = await db
    .deleteFrom('hidden_messages')
    .where('tenant_id', '=', session.tenantId)
    .where('room_id', '=', target.roomId)
    .where('user_id', '=', session.userId)
    .where('seq', 'in', selectTarget(db, session, target).select('messages.seq'))
    .executeTakeFirst()
  if (numDeletedRows === 1n) return tellDevices(services, session, target, false)
  await assertInReach(db, session, target)
}

const selectTarget = (db: Db, session: Session, { roomId, messageId }: Target) =>
  selectVisible(db, session, roomId).where('messages.id', '=', messageId).clearSelect()

function tellDevices({ bus }: Services, session: Session, { roomId, messageId }: Target, isHidden: boolean): void {
  const change = { messageId, isHidden }
  bus.publish(userChannel(session.tenantId, session.userId), { type: 'message.hidden', roomId, change })
}

/** Nothing changed: the message may not exist, or the caller may have no view of their own to hide it from. */
async function assertInReach(db: Db, session: Session, target: Target): Promise<void> {
  if (await selectTarget(db, session, target).select('messages.seq').executeTakeFirst()) return
  await readMessage(db, session, target.roomId, target.messageId)
  throw new ChatError('NOT_A_MEMBER')
}

/** The messages that the caller has hidden in a room, the latest one first. */
export async function listHidden(
  { database, cursors }: Services,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<HiddenMessage>> {
  const scope = `message.hidden/${roomId}/${session.userId}`
  const page = await openPage(cursors, { scope, kinds: ['seq'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    const { fromSeq } = await readAccess(tx, session, roomId)
    const hidden = tx
      .selectFrom('hidden_messages as hidden')
      .innerJoin('messages', (join) =>
        join
          .onRef('messages.tenant_id', '=', 'hidden.tenant_id')
          .onRef('messages.room_id', '=', 'hidden.room_id')
          .onRef('messages.seq', '=', 'hidden.seq'),
      )
      .select(['messages.id as messageId', 'hidden.seq', 'hidden.hidden_at as hiddenAt'])
      .where('hidden.tenant_id', '=', session.tenantId)
      .where('hidden.room_id', '=', roomId)
      .where('hidden.user_id', '=', session.userId)
      .where('hidden.seq', '>=', fromSeq)
    return page.rowsOf(await page.select(hidden, ['hidden.seq'], 'desc').execute(), (row) => [row.seq])
  })
}
