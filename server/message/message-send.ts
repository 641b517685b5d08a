import type { z } from 'zod'
import type { Message, messageInputs } from '../../shared/message.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError } from '../errors/chat-error.ts'
import { clientHash } from '../lib/client-hash.ts'
import type { Services, Session } from '../rpc/context.ts'
import { writeJudged } from './judged-write.ts'
import { assertMayAddress } from './message-mentions.ts'
import type { Address } from './message-writer.ts'

type SendInput = z.output<typeof messageInputs.send>

interface Manner {
  /** Not at the sender's hand: the sender's read marker stays where it is. */
  isScheduled: boolean
}

/**
 * Sends one message, once: the same clientId of the same sender gives the original message again, whatever became of it.
 * Who is mentioned without being in the room is left out: a message isn't lost because somebody left meanwhile.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, BLOCKED, MUTED, SLOW_MODE, FORBIDDEN, MESSAGE_DELETED, ROOM_ARCHIVED, ROOM_FROZEN,
 * CONTENT_REFUSED, CLIENT_ID_REUSED, INVALID_INPUT
 */
export async function sendMessage(
  services: Services,
  session: Session,
  input: SendInput,
  { isScheduled }: Manner = { isScheduled: false },
): Promise<Message> {
  const { roomId, clientId, content, replyToId = null, meta: asked = {}, asUserId } = input
  const address = addressOf(input)
  const isService = session.role === 'service'
  if (asUserId !== undefined && !isService) throw new ChatError('FORBIDDEN')
  const senderId = asUserId ?? session.userId
  const meta = services.messageMeta ? services.messageMeta(asked) : asked
  return writeJudged(services, {
    tenantId: session.tenantId,
    roomId,
    senderId,
    clientId,
    clientHash: clientHash([content, replyToId, JSON.stringify(asked), ...(address ? [address] : [])]),
    id: uuidv7(),
    content,
    replyToId,
    meta: JSON.stringify(meta),
    isOnBehalf: isScheduled || asUserId !== undefined,
    isService,
    forwardedFrom: null,
    ...(address ? { address } : {}),
    ...(senderId === session.userId ? {} : { actorId: session.userId }),
  })
}

/** Undefined for what is simply said to the room. @throws ChatError INVALID_INPUT for a mention of everybody in a thread */
function addressOf({ threadId, mentions = [], mentionsRoom = false }: SendInput): Address | undefined {
  if (threadId === undefined && mentions.length === 0 && !mentionsRoom) return undefined
  assertMayAddress({ threadId, mentionsRoom })
  return { threadId: threadId ?? null, mentions: [...new Set(mentions)], mentionsRoom }
}
