import type { Message } from '../../shared/message.ts'
import { assertMay } from '../access/access.ts'
import { assertMayDelete } from '../access/write-rights.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { MessageRow } from '../db/schema.ts'
import type { RoomChange } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { changeMessage, keepVersion, type MessageChange, type Target } from './message-change.ts'
import { NO_MENTIONS, replaceMentions } from './message-mentions.ts'

/**
 * Deletes a message for everybody: one's own, or another's where the role allows it. A tombstone without content stays; what it
 * said is kept as a version for moderators. A second delete changes nothing. @throws ChatError NOT_FOUND, FORBIDDEN, ROOM_ARCHIVED
 */
export async function deleteMessage(services: Services, session: Session, target: Target): Promise<Message> {
  const tombstone = await changeMessage(services, session, target, (message) => eraseMessage(session, message))
  await clearReactions(services, session.tenantId, target)
  return tombstone
}

const BLANK = {
  content: '',
  ...NO_MENTIONS,
  reactions: '[]',
  attachments: '[]',
  meta: '{}',
  pinned_at: null,
  pinned_by: null,
  forwarded_from: null,
}

/**
 * Deletes a message in the course of a change, and answers with the tombstone; undefined where it was deleted before. The caller
 * calls `clearReactions` after the commit.
 */
export async function eraseMessage(
  session: Session,
  { change, access, row, sender, root }: MessageChange,
): Promise<Message | undefined> {
  if (row.sender_id !== session.userId) assertMay(access, 'message.deleteAny')
  assertMayDelete(access.room)
  if (row.deleted_at) return undefined
  await keepVersion(change, row)
  if (row.sender_id !== session.userId) {
    const { room_id: roomId, sender_id: userId, id: messageId } = row
    await recordAct(change.tx, session, { action: 'message.delete', roomId, userId, messageId })
  }
  await replaceMentions(change, row, NO_MENTIONS)
  const deletion = { ...BLANK, deleted_at: new Date(), deleted_by: session.userId }
  const tombstone = await change.updateMessage(row.seq, deletion, sender)
  if (root) await change.updateMessage(root.row.seq, await threadWithout(change, root.row), root.author)
  return tombstone
}

/** What the root says of its thread with one reply less: who took part stays named while there are others. */
async function threadWithout(change: RoomChange, root: MessageRow) {
  const latest = await change.tx
    .selectFrom('messages')
    .select('created_at')
    .where('tenant_id', '=', root.tenant_id)
    .where('room_id', '=', root.room_id)
    .where('thread_id', '=', root.id)
    .where('deleted_at', 'is', null)
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    thread_count: Math.max(0, (root.thread_count ?? 0) - 1),
    thread_last_at: latest?.created_at ?? null,
    ...(latest ? {} : { thread_participants: [] }),
  }
}

/** Rows that one statement deletes at most. */
const CLEARED_AT_ONCE = 500

/**
 * Deletes the rows behind a deleted message's reactions, which nobody can see any more or add to: without the room's lock, since there
 * may be very many. What a failure leaves is deleted by the next try.
 */
export async function clearReactions(
  { database }: Pick<Services, 'database'>,
  tenantId: string,
  { roomId, messageId }: Target,
): Promise<void> {
  while (true) {
    const { numDeletedRows } = await database.db
      .deleteFrom('message_reactions')
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', roomId)
      .where('message_id', '=', messageId)
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('user_id', 'emoji'),
          'in',
          selectFrom('message_reactions as some')
            .select(['some.user_id', 'some.emoji'])
            .where('some.tenant_id', '=', tenantId)
            .where('some.room_id', '=', roomId)
            .where('some.message_id', '=', messageId)
            .limit(CLEARED_AT_ONCE)
            .$asTuple('user_id', 'emoji'),
        ),
      )
      .executeTakeFirst()
    if (numDeletedRows < CLEARED_AT_ONCE) return
  }
}
