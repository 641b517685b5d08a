import { hash } from 'node:crypto'
import type { z } from 'zod'
import type { Message, messageInputs } from '../../shared/message.ts'
import { uuidv7 } from '../db/uuid.ts'
import { selectMessages, toMessage } from '../room-log/message-shape.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'

type SendInput = z.output<typeof messageInputs.send>

/**
 * Sends one message, once: the same clientId of the same sender gives the original message again, whatever became of it.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, MUTED, SLOW_MODE, ROOM_ARCHIVED, ROOM_FROZEN, CLIENT_ID_REUSED, INVALID_INPUT
 */
export async function sendMessage(services: Services, session: Session, input: SendInput): Promise<Message> {
  const { roomId, clientId, content, replyToId = null, meta = {}, asUserId } = input
  const isService = session.role === 'service'
  if (asUserId !== undefined && !isService) throw new ChatError('FORBIDDEN')
  const senderId = asUserId ?? session.userId
  const metaText = JSON.stringify(meta)
  const message = await services.messages.write({
    tenantId: session.tenantId,
    roomId,
    senderId,
    clientId,
    // Of everything that was asked for but the clientId itself: the same bytes for the same request.
    clientHash: hash('sha256', JSON.stringify([content, replyToId, metaText]), 'buffer'),
    id: uuidv7(),
    content,
    replyToId,
    meta: metaText,
    isOnBehalf: asUserId !== undefined,
    isService,
  })
  return message ?? readOriginal(services, { tenantId: session.tenantId, roomId, senderId, clientId })
}

interface ClientKey {
  tenantId: string
  roomId: string
  senderId: string
  clientId: string
}

async function readOriginal(
  { database }: Services,
  { tenantId, roomId, senderId, clientId }: ClientKey,
): Promise<Message> {
  const row = await selectMessages(database.db)
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', roomId)
    .where('messages.sender_id', '=', senderId)
    .where('messages.client_id', '=', clientId)
    .executeTakeFirst()
  if (!row) throw new ChatError('NOT_FOUND')
  return toMessage(row)
}
