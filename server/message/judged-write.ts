import type { Message } from '../../shared/message.ts'
import { writeRefusal } from '../access/write-rights.ts'
import { ChatError } from '../errors/chat-error.ts'
import { assertSameRequest } from '../lib/client-hash.ts'
import { type AuthoredRow, selectMessages, toMessage } from '../log/message-shape.ts'
import type { Services } from '../rpc/context.ts'
import { reportFlagged, withdrawFlagged } from '../word-filter/flagged-message.ts'
import type { Send } from './message-writer.ts'

/**
 * Writes a message as the word filters leave it, once: a repetition gives the message that was written before, whatever the filters
 * say by now. The hash is of what was asked for, before them. @throws ChatError CONTENT_REFUSED, and as the writer
 */
export async function writeJudged(services: Services, asked: Send): Promise<Message> {
  const judging = services.wordFilters.judge(asked, () => sendRefusal(services, asked))
  const { content, isFlagged, refusal } = await judging
  if (refusal) return originalOr(services, asked, refusal)
  const send = content === asked.content ? asked : { ...asked, content }
  const message = isFlagged ? await writeFlagged(services, send) : await services.messages.write(send)
  if (message) return message
  const original = await findOriginal(services, send)
  if (!original) throw new ChatError('NOT_FOUND')
  return toMessage(original)
}

/**
 * What the sender would be refused for by the writer, which decides from locked rows: this look spares a judgement, and lets nothing
 * through. @throws ChatError NOT_FOUND, NOT_A_MEMBER
 */
async function sendRefusal({ access }: Services, { tenantId, roomId, senderId, isService }: Send) {
  if (isService) return undefined
  const sender = { tenantId, userId: senderId, role: 'user' as const }
  return writeRefusal(sender, await access.read(sender, roomId))
}

/** The report comes first: no flagged message is there without it. */
async function writeFlagged({ database, messages }: Services, send: Send): Promise<Message | undefined> {
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
async function originalOr(services: Services, send: Send, refusal: ChatError): Promise<Message> {
  const original = await findOriginal(services, send)
  if (!original) throw refusal
  assertSameRequest(original.client_hash, send.clientHash)
  return toMessage(original)
}

const findOriginal = (
  { database }: Services,
  { tenantId, roomId, senderId, clientId }: Send,
): Promise<AuthoredRow | undefined> =>
  selectMessages(database.db)
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', roomId)
    .where('messages.sender_id', '=', senderId)
    .where('messages.client_id', '=', clientId)
    .executeTakeFirst()
