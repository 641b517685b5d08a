import { hash } from 'node:crypto'
import type { z } from 'zod'
import type { Message, messageInputs } from '../../shared/message.ts'
import type { MemberRow, MessageRow, RoomRow } from '../db/database.ts'
import { uuidv7 } from '../db/uuid.ts'
import { accessOf } from '../member/access.ts'
import { selectMessages, toMessage } from '../room-log/message-shape.ts'
import { changeRoom, type RoomChange } from '../room-log/room-change.ts'
import { ChatError, invalidInput } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'

type SendInput = z.output<typeof messageInputs.send>

/**
 * Sends one message, once: the same clientId of the same sender gives the original message again, whatever became of it.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, MUTED, SLOW_MODE, ROOM_ARCHIVED, ROOM_FROZEN, CLIENT_ID_REUSED, INVALID_INPUT
 */
export async function sendMessage(services: Services, session: Session, input: SendInput): Promise<Message> {
  const { roomId, asUserId } = input
  if (asUserId !== undefined && session.role !== 'service') throw new ChatError('FORBIDDEN')
  const senderId = asUserId ?? session.userId
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const sender = (await change.lockMembers([senderId])).get(senderId)
    if (!sender || sender.left_at) throw notAMember(session, change.room, sender)
    const clientHash = hashOf(input)
    const repeated = await findRepeated(change, senderId, input.clientId)
    if (repeated) {
      if (!repeated.client_hash.equals(clientHash)) throw new ChatError('CLIENT_ID_REUSED')
      return toMessage({ ...repeated, user_name: sender.user_name, user_picture_url: sender.user_picture_url })
    }
    assertMaySend(session, change.room, sender)
    if (input.replyToId !== undefined) await assertMessage(change, sender, input.replyToId)
    return insert(change, sender, input, clientHash)
  })
}

/** A stranger learns what any stranger would; a service that names a user who is no member is told so. */
function notAMember(session: Session, room: RoomRow, sender: MemberRow | undefined): ChatError {
  accessOf(session, room, sender)
  return new ChatError('NOT_A_MEMBER')
}

/** Of everything that was asked for but the clientId itself: the same bytes for the same request. */
function hashOf({ content, replyToId, meta }: SendInput): Buffer {
  return Buffer.from(hash('sha256', JSON.stringify([content, replyToId ?? null, meta ?? {}]), 'hex'), 'hex')
}

const findRepeated = (change: RoomChange, senderId: string, clientId: string): Promise<MessageRow | undefined> =>
  change.tx
    .selectFrom('messages')
    .selectAll()
    .where('tenant_id', '=', change.room.tenant_id)
    .where('room_id', '=', change.room.id)
    .where('sender_id', '=', senderId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()

/** What may keep a member from sending, read from the locked rows. A service is bound by the archive alone. */
export function assertMaySend(session: Session, room: RoomRow, sender: MemberRow): void {
  if (room.archived_at) throw new ChatError('ROOM_ARCHIVED')
  if (session.role === 'service') return
  if (room.frozen_at) throw new ChatError('ROOM_FROZEN')
  const now = Date.now()
  const mutedFor = sender.muted_until ? sender.muted_until.getTime() - now : 0
  if (mutedFor > 0) throw new ChatError('MUTED', { retryAfterMs: mutedFor })
  const waitFor = (sender.last_sent_at?.getTime() ?? 0) + room.slow_mode_seconds * 1_000 - now
  if (sender.role === 'member' && room.slow_mode_seconds > 0 && waitFor > 0) {
    throw new ChatError('SLOW_MODE', { retryAfterMs: waitFor })
  }
}

async function assertMessage(
  change: RoomChange,
  { visible_from_seq: visibleFromSeq }: MemberRow,
  messageId: string,
): Promise<void> {
  const { tenant_id: tenantId, id, history_from_seq: historyFromSeq } = change.room
  const found = await selectMessages(change.tx)
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', id)
    .where('messages.id', '=', messageId)
    .where('messages.seq', '>=', Math.max(historyFromSeq, visibleFromSeq))
    .executeTakeFirst()
  if (!found) throw invalidInput('replyToId', 'no such message in this room')
}

/** An interactive send moves the sender's read marker; one in the sender's name by somebody else does not. */
async function insert(change: RoomChange, sender: MemberRow, input: SendInput, clientHash: Buffer): Promise<Message> {
  const ordinal = change.room.last_ordinal + 1
  const isOnBehalf = input.asUserId !== undefined
  const row = await change.insertMessage(
    {
      id: uuidv7(),
      ordinal,
      sender_id: sender.user_id,
      client_id: input.clientId,
      client_hash: clientHash,
      is_on_behalf: isOnBehalf,
      kind: 'text',
      content: input.content,
      reply_to_id: input.replyToId ?? null,
      meta: JSON.stringify(input.meta ?? {}),
    },
    sender,
  )
  change.countMessage(row.created_at, ordinal)
  const marker = isOnBehalf ? {} : { read_seq: row.seq, read_ordinal: ordinal, read_at: row.created_at }
  await change.tx
    .updateTable('members')
    .set({ last_sent_at: row.created_at, ...marker })
    .where('tenant_id', '=', change.room.tenant_id)
    .where('room_id', '=', change.room.id)
    .where('user_id', '=', sender.user_id)
    .execute()
  return toMessage({ ...row, user_name: sender.user_name, user_picture_url: sender.user_picture_url })
}
