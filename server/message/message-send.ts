import { z } from 'zod'
import { type Meta, metaObject } from '../../shared/json.ts'
import type { Message, messageInputs } from '../../shared/message.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError } from '../errors/chat-error.ts'
import { clientHash } from '../lib/client-hash.ts'
import type { Services, Session } from '../rpc/context.ts'
import { sendFiltered } from './filtered-send.ts'
import { assertRoomMentionOutsideThread } from './message-mentions.ts'
import type { ThreadAndMentions } from './send-statement.ts'

type SendInput = z.output<typeof messageInputs.send>

interface SendOptions {
  /** Not at the sender's hand: the sender's read marker stays where it is. */
  isScheduled: boolean
}

/**
 * Sends one message, once: the same clientId of the same sender gives the original message again, whatever became of it.
 * Mentioned users who are not in the room are left out: a message isn't lost because somebody left meanwhile.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, BLOCKED, MUTED, SLOW_MODE, FORBIDDEN, MESSAGE_DELETED, ROOM_ARCHIVED, ROOM_FROZEN,
 * CONTENT_REFUSED, CLIENT_ID_REUSED, INVALID_INPUT
 */
export async function sendMessage(
  services: Services,
  session: Session,
  input: SendInput,
  { isScheduled }: SendOptions = { isScheduled: false },
): Promise<Message> {
  const { roomId, clientId, content, replyToId = null, meta: asked = {}, asUserId } = input
  const threadAndMentions = threadAndMentionsOf(input)
  const isService = session.role === 'service'
  if (asUserId !== undefined && !isService) throw new ChatError('FORBIDDEN')
  const senderId = asUserId ?? session.userId
  const askedMeta = JSON.stringify(asked)
  return sendFiltered(services, {
    tenantId: session.tenantId,
    roomId,
    senderId,
    clientId,
    clientHash: clientHash([content, replyToId, askedMeta, ...(threadAndMentions ? [threadAndMentions] : [])]),
    id: uuidv7(),
    content,
    replyToId,
    meta: services.messageMeta ? JSON.stringify(services.messageMeta(asked)) : askedMeta,
    isOnBehalf: isScheduled || asUserId !== undefined,
    isService,
    forwardedFrom: null,
    ...(threadAndMentions ? { threadAndMentions } : {}),
    ...(senderId === session.userId ? {} : { actorId: session.userId }),
  })
}

/** Undefined for a message that is no reply in a thread and mentions nobody. @throws ChatError INVALID_INPUT */
function threadAndMentionsOf({
  threadId,
  mentions = [],
  mentionsRoom = false,
}: SendInput): ThreadAndMentions | undefined {
  if (threadId === undefined && mentions.length === 0 && !mentionsRoom) return undefined
  assertRoomMentionOutsideThread({ threadId, mentionsRoom })
  return { threadId: threadId ?? null, mentions: [...new Set(mentions)], mentionsRoom }
}

/** A message's `meta` as it is kept. @throws ZodError that names `meta.…` for one that the host application does not allow */
export type MetaCheck = (meta: Meta) => Meta

/** The host application's own schema, whose result must be what a `meta` may be at all. It may not be asynchronous. */
export function metaCheck(schema: z.ZodType<object>): MetaCheck {
  const input = z.object({ meta: schema.pipe(metaObject) })
  return (meta) => input.parse({ meta }).meta
}
