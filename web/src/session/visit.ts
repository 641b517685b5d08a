import type { Message } from '../../../shared/index.ts'

/** A message to be shown. Each is an object of its own: the same message can be asked for twice. */
export interface Visit {
  roomId: string
  /** None where only the thread is to be opened. */
  messageId: string | null
  /** With a thread to open beside the timeline: its root's id. */
  threadId: string | null
  /** The one of the thread's replies that is meant. */
  replyId?: string
}

/** To a message of a room's timeline, or to a reply in its thread. */
export const toVisit = ({ id, roomId, threadId }: Pick<Message, 'id' | 'roomId' | 'threadId'>): Visit =>
  threadId ? { roomId, messageId: threadId, threadId, replyId: id } : { roomId, messageId: id, threadId }
