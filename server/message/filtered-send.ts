import type { Message } from '../../shared/message.ts'
import { writeRefusal } from '../access/write-rights.ts'
import { ChatError } from '../errors/chat-error.ts'
import { assertSameRequest } from '../lib/client-hash.ts'
import { type AuthoredRow, selectMessages, toOneMessage } from '../log/message-shape.ts'
import type { Services } from '../rpc/context.ts'
import { reportFlagged, withdrawFlagged } from '../word-filter/flagged-message.ts'
import type { Send } from './send-statement.ts'

type SendServices = Pick<Services, 'access' | 'database' | 'messages' | 'wordFilters'>

/**
 * Writes a message as the word filters leave it, once: a repetition gives the message that was written before, whatever the filters
 * say by now. The hash is of what was asked for, before the filters. @throws ChatError CONTENT_REFUSED, and as the writer
 */
export async function sendFiltered(services: SendServices, asked: Send): Promise<Message> {
  const { content, isFlagged, refusal } = await services.wordFilters.applyFilters(asked, () =>
    sendRefusal(services, asked),
  )
  if (refusal) return originalOr(services, asked, refusal)
  const send = content === asked.content ? asked : { ...asked, content }
  const message = isFlagged ? await writeFlagged(services, send) : await services.messages.write(send)
  if (message) return message
  const original = await findOriginal(services, send)
  if (!original) throw new ChatError('NOT_FOUND')
  return toOneMessage(original)
}

/**
 * The refusal that the writer would give, which decides from locked rows: this look spares the filters some work, and lets nothing
 * through. @throws ChatError NOT_FOUND, NOT_A_MEMBER
 */
async function sendRefusal({ access }: SendServices, { tenantId, roomId, senderId, isService }: Send) {
  if (isService) return undefined
  const sender = { tenantId, userId: senderId, role: 'user' as const }
  return writeRefusal(sender, await access.read(sender, roomId))
}

/** The report comes first: no flagged message is there without it. */
async function writeFlagged({ database, messages }: SendServices, send: Send): Promise<Message | undefined> {
  await reportFlagged(database.db, send)
  try {
    const message = await messages.write(send)
    if (!message) await withdrawFlagged(database.db, send)
    return message
  } catch (error) {
    // Anything but a refusal may have been written after all.
    if (error instanceof ChatError) await withdrawFlagged(database.db, send)
    throw error
  }
}

/** The refusal may be younger than this very message: a repetition still gives it. */
async function originalOr(services: SendServices, send: Send, refusal: ChatError): Promise<Message> {
  const original = await findOriginal(services, send)
  if (!original) throw refusal
  assertSameRequest(original.client_hash, send.clientHash)
  return toOneMessage(original)
}

const findOriginal = (
  { database }: SendServices,
  { tenantId, roomId, senderId, clientId }: Send,
): Promise<AuthoredRow | undefined> =>
  selectMessages(database.db)
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', roomId)
    .where('messages.sender_id', '=', senderId)
    .where('messages.client_id', '=', clientId)
    .executeTakeFirst()
