import { randomUUID } from 'node:crypto'
import type { MessageEvent } from '../../shared/room-event.ts'
import { roomIdOf, userIdOf } from './layout.ts'
import { markedText } from './marked-text.ts'

const MESSAGE_ID = randomUUID()
const CLIENT_ID = randomUUID()
const CREATED_AT = new Date()

/** A new message as a subscriber gets it: the same content in every system, each in its own encoding. */
export function sampleEvent(mark: number, room: number, seq: number, textLength: number): MessageEvent {
  const senderId = userIdOf(0)
  return {
    type: 'message.created',
    seq,
    prev: seq - 1,
    message: {
      id: MESSAGE_ID,
      roomId: roomIdOf(room),
      seq,
      changedSeq: seq,
      ordinal: seq,
      senderId,
      sender: { id: senderId, name: 'Ada Lovelace', pictureUrl: null },
      clientId: CLIENT_ID,
      isOnBehalf: false,
      kind: 'text',
      content: markedText(mark, textLength),
      replyToId: null,
      forwardedFrom: null,
      threadId: null,
      thread: null,
      mentions: [],
      mentionsRoom: false,
      reactions: [],
      attachments: [],
      pinnedAt: null,
      createdAt: CREATED_AT,
      editedAt: null,
      deletedAt: null,
      meta: {},
    },
  }
}
