import type { InboxEvent } from '../../shared/inbox.ts'
import { LIMITS } from '../../shared/limits.ts'
import type { LogEvent } from '../../shared/room-event.ts'

/** The inbox event for an event of a room, the same for every member; undefined if inboxes don't need it. */
export function toInboxEvent(event: LogEvent): InboxEvent | undefined {
  if ('room' in event) return event.type === 'room.updated' ? { type: 'room.updated', room: event.room } : undefined
  if (!('message' in event)) return undefined
  const { message } = event
  if (message.ordinal === null || message.threadId !== null) return undefined
  const { roomId, id: messageId, ordinal, senderId } = message
  if (event.type === 'message.deleted')
    return { type: 'message.deleted', roomId, messageId, seq: event.seq, ordinal, senderId }
  // A tombstone that changes again, as the root of a thread, was already announced.
  if (message.deletedAt) return undefined
  const preview = previewOf(message.content)
  if (event.type !== 'message.created')
    return { type: 'message.updated', roomId, messageId, seq: event.seq, ordinal, preview }
  return {
    type: 'message',
    roomId,
    messageId,
    seq: message.seq,
    ordinal,
    senderId,
    senderName: message.sender.name,
    preview,
    mentions: message.mentions,
    mentionsRoom: message.mentionsRoom,
    at: message.createdAt,
    isOnBehalf: message.isOnBehalf,
  }
}

/** The first characters on one line. A cut never splits a grapheme. */
const previewOf = (content: string): string =>
  content
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LIMITS.preview)
    .replace(/[\uD800-\uDBFF]$/, '')
