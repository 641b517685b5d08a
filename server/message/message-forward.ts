import type { z } from 'zod'
import type { ForwardedFrom, Message, messageInputs } from '../../shared/message.ts'
import { isPublic } from '../access/access.ts'
import type { Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { clientHash as hashOf } from '../lib/client-hash.ts'
import { toOneMessage } from '../log/message-shape.ts'
import { readMessage, selectReadable } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { sendFiltered } from './filtered-send.ts'

type ForwardInput = z.output<typeof messageInputs.forward>

/**
 * Sends the content of a message on to a room, once: the same clientId gives the message that was sent first, whatever became of it or
 * of its source. It is sent as any message is, and names its source.
 * @throws ChatError NOT_FOUND or NOT_A_MEMBER of either room, MESSAGE_DELETED, INVALID_INPUT; and as `message.send` for the new one
 */
export async function forwardMessage(services: Services, session: Session, input: ForwardInput): Promise<Message> {
  const { roomId, messageId, toRoomId, clientId } = input
  const { tenantId, userId: senderId } = session
  // The hash is of what was asked for, not of what the source says now.
  const clientHash = hashOf(['forward', roomId, messageId])
  const repeated = await findForwarded(services, session, { toRoomId, clientId, clientHash })
  if (repeated) return repeated
  const { content, meta, forwardedFrom } = await readSource(services, session, input)
  return sendFiltered(services, {
    tenantId,
    roomId: toRoomId,
    senderId,
    clientId,
    clientHash,
    id: uuidv7(),
    content,
    replyToId: null,
    meta: JSON.stringify(meta),
    isOnBehalf: false,
    isService: session.role === 'service',
    forwardedFrom,
  })
}

/** The message that this very call has sent before, where the caller still sees it. The writer refuses a clientId of another call. */
async function findForwarded(
  { database }: Services,
  session: Session,
  { toRoomId, clientId, clientHash }: { toRoomId: string; clientId: string; clientHash: Buffer },
): Promise<Message | undefined> {
  const row = await selectReadable(database.db, session, toRoomId)
    .where('messages.sender_id', '=', session.userId)
    .where('messages.client_id', '=', clientId)
    .executeTakeFirst()
  return row?.client_hash.equals(clientHash) ? toOneMessage(row) : undefined
}

type Source = Pick<Message, 'content' | 'meta'> & { forwardedFrom: ForwardedFrom }

function readSource(
  { database }: Services,
  session: Session,
  { roomId, messageId, toRoomId }: ForwardInput,
): Promise<Source> {
  return readSnapshot(database.db, async (tx) => {
    const message = await readMessage(tx, session, roomId, messageId)
    if (message.deletedAt) throw new ChatError('MESSAGE_DELETED', { message: 'Unable to forward it; it was deleted' })
    if (message.kind === 'system') throw invalidInput('messageId', 'what the system says is not forwarded')
    const said = message.forwardedFrom ?? {
      roomId,
      messageId,
      senderId: message.senderId,
      senderName: message.sender.name,
    }
    const isNamed = said.roomId === toRoomId || (await isKnownToAll(tx, session, said.roomId))
    return { ...message, forwardedFrom: isNamed ? said : { ...said, roomId: null, messageId: null } }
  })
}

/** Whether everybody in the tenant may know of the room. A private room is not named to others. */
async function isKnownToAll(tx: Tx, { tenantId }: Session, roomId: string | null): Promise<boolean> {
  if (roomId === null) return false
  const room = await tx
    .selectFrom('rooms')
    .select(['kind', 'is_private'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', roomId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return room !== undefined && isPublic(room)
}
