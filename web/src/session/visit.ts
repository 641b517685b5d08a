import type { Message } from '../../../shared/index.ts'

/** A message to show. Each request is its own object: the same message can be requested twice. */
export interface Visit {
  roomId: string
  /** Undefined if only the thread is to be opened. */
  messageId: string | null
  /** The root's id of a thread to open beside the timeline. */
  threadId: string | null
  /** The reply to show in the thread. */
  replyId?: string
}

/** A visit of a message in a room's timeline, or of a reply in its thread. */
export const toVisit = ({ id, roomId, threadId }: Pick<Message, 'id' | 'roomId' | 'threadId'>): Visit =>
  threadId ? { roomId, messageId: threadId, threadId, replyId: id } : { roomId, messageId: id, threadId }
