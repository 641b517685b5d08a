import type { z } from 'zod'
import { LIMITS } from '../../shared/limits.ts'
import type { ScheduledMessage, scheduleInputs } from '../../shared/schedule.ts'
import { readAccess } from '../access/access.ts'
import type { ScheduledMessageRow, Tx } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { assertSameRequest, clientHash as hashOf } from '../lib/client-hash.ts'
import { readMessage } from '../log/readable-messages.ts'
import { lockUsers } from '../log/user-rows.ts'
import { assertRoomMentionOutsideThread } from '../message/message-mentions.ts'
import type { Services, Session } from '../rpc/context.ts'
import { addSendJob, removeSendJob, toScheduledMessage } from './schedule-shape.ts'

type CreateInput = z.output<typeof scheduleInputs.create>
type UpdateInput = z.output<typeof scheduleInputs.update>

/**
 * Schedules a message once: repeating a clientId returns the same schedule. The right to send is checked when it is sent.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, LIMIT_REACHED, CLIENT_ID_REUSED, INVALID_INPUT
 */
export function createSchedule(
  { database }: Pick<Services, 'database'>,
  session: Session,
  input: CreateInput,
): Promise<ScheduledMessage> {
  const { tenantId, userId } = session
  const {
    roomId,
    clientId,
    content,
    replyToId = null,
    threadId = null,
    sendAt,
    mentions = [],
    mentionsRoom = false,
  } = input
  const asked = [content, replyToId, threadId, sendAt.getTime(), mentions, ...(mentionsRoom ? ['room'] : [])]
  const clientHash = hashOf(asked)
  return transact(database.db, async (tx) => {
    assertRoomMentionOutsideThread({ threadId, mentionsRoom })
    const { member } = await readAccess(tx, session, roomId)
    if (!member) throw new ChatError('NOT_A_MEMBER')
    // One call per user at a time: repetitions see the first one's result, and the limit holds.
    await lockUsers(tx, tenantId, [userId])
    const earlier = await tx
      .selectFrom('scheduled_messages')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .where('room_id', '=', roomId)
      .executeTakeFirst()
    if (earlier) {
      assertSameRequest(earlier.client_hash, clientHash)
      return toScheduledMessage(earlier)
    }
    if (replyToId) await assertThere(tx, session, { roomId, messageId: replyToId, field: 'replyToId' })
    if (threadId) await assertThere(tx, session, { roomId, messageId: threadId, field: 'threadId' })
    if ((await countScheduled(tx, session)) >= LIMITS.scheduled) throw new ChatError('LIMIT_REACHED')
    const row = await tx
      .insertInto('scheduled_messages')
      .values({
        tenant_id: tenantId,
        id: uuidv7(),
        user_id: userId,
        room_id: roomId,
        client_id: clientId,
        client_hash: clientHash,
        content,
        reply_to_id: replyToId,
        thread_id: threadId,
        mentions,
        mentions_room: mentionsRoom,
        send_at: sendAt,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    await addSendJob(tx, row, sendAt)
    return toScheduledMessage(row)
  })
}

/** Checks only that the message exists. Whether it can be replied to is decided when the reply is sent. */
async function assertThere(
  tx: Tx,
  session: Session,
  { roomId, messageId, field }: { roomId: string; messageId: string; field: string },
): Promise<void> {
  try {
    await readMessage(tx, session, roomId, messageId)
  } catch (error) {
    if (error instanceof ChatError && error.reason === 'NOT_FOUND') {
      throw invalidInput(field, 'this room has no such message')
    }
    throw error
  }
}

async function countScheduled(tx: Tx, { tenantId, userId }: Session): Promise<number> {
  const { count } = await tx
    .selectFrom('scheduled_messages')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('status', '!=', 'sent')
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Changes the content, time or mentions. A failed message is tried again. @throws ChatError NOT_FOUND, NOT_PENDING, INVALID_INPUT
 */
export function updateSchedule(
  { database }: Pick<Services, 'database'>,
  session: Session,
  { scheduleId, content, sendAt, mentions, mentionsRoom }: UpdateInput,
): Promise<ScheduledMessage> {
  return transact(database.db, async (tx) => {
    const row = await lockOwn(tx, session, scheduleId)
    assertRoomMentionOutsideThread({ threadId: row.thread_id, mentionsRoom })
    const updated = await tx
      .updateTable('scheduled_messages')
      .set({
        content: content ?? row.content,
        send_at: sendAt ?? row.send_at,
        mentions: mentions ?? row.mentions,
        mentions_room: mentionsRoom ?? row.mentions_room,
        status: 'pending',
        failure_reason: null,
        updated_at: new Date(),
      })
      .where('tenant_id', '=', row.tenant_id)
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await addSendJob(tx, updated, updated.send_at)
    return toScheduledMessage(updated)
  })
}

/** @throws ChatError NOT_FOUND, NOT_PENDING */
export function cancelSchedule(
  { database }: Pick<Services, 'database'>,
  session: Session,
  scheduleId: string,
): Promise<void> {
  return transact(database.db, async (tx) => {
    const row = await lockOwn(tx, session, scheduleId)
    await tx.deleteFrom('scheduled_messages').where('tenant_id', '=', row.tenant_id).where('id', '=', row.id).execute()
    await removeSendJob(tx, row)
  })
}

/** Locks the caller's own scheduled message unless sending has begun. */
async function lockOwn(tx: Tx, { tenantId, userId }: Session, scheduleId: string): Promise<ScheduledMessageRow> {
  const row = await tx
    .selectFrom('scheduled_messages')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', scheduleId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw new ChatError('NOT_FOUND')
  if (row.status === 'sending' || row.status === 'sent') throw new ChatError('NOT_PENDING')
  return row
}
