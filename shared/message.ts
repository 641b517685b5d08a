import { z } from 'zod'
import { clientId, messageId, roomId, userId } from './ids.ts'
import { type Meta, metaObject } from './json.ts'
import { limit, paging } from './page.ts'
import { contentText } from './text.ts'
import type { UserSummary } from './user.ts'

export type MessageKind = 'text' | 'image' | 'file' | 'system'

export interface Reaction {
  emoji: string
  count: number
  firstUserIds: string[]
}

/** What the root of a thread knows of its replies. */
export interface ThreadSummary {
  count: number
  lastAt: Date
  participants: string[]
}

export interface Attachment {
  id: string
  name: string
  contentType: string
  size: number
}

/** One message as everybody in the room sees it: nothing in it depends on who reads. */
export interface Message {
  id: string
  roomId: string
  /** When it was made, in the room's one order. Never changes. */
  seq: number
  /** Its latest change in that order; equal to `seq` while it is as it was sent. */
  changedSeq: number
  /** Its number among the room's countable messages (a thread reply: among its thread's). Null for system messages. */
  ordinal: number | null
  senderId: string
  sender: UserSummary
  clientId: string
  /** Sent in the sender's name by the host application (`asUserId`): the sender's read marker stays where it was. */
  isOnBehalf: boolean
  kind: MessageKind
  /** As sent; `''` after a delete. */
  content: string
  replyToId: string | null
  threadId: string | null
  thread: ThreadSummary | null
  mentions: string[]
  reactions: Reaction[]
  attachments: Attachment[]
  pinnedAt: Date | null
  createdAt: Date
  editedAt: Date | null
  deletedAt: Date | null
  meta: Meta
}

/** An earlier content of a message, newest first in `message.versions`. */
export interface MessageVersion {
  content: string
  /** When this content was replaced. */
  replacedAt: Date
  seq: number
}

/** Messages around one of them, oldest first, with cursors for `message.list` in both directions. */
export interface MessagesAround {
  items: Message[]
  olderCursor: string | null
  newerCursor: string | null
}

const oneMessage = { roomId, messageId }

export const messageInputs = {
  send: z.strictObject({
    roomId,
    clientId,
    content: contentText,
    kind: z.literal('text', 'other kinds are not in this version').optional(),
    mentions: z.array(userId).max(0, 'not in this version').optional(),
    attachmentIds: z.array(z.uuid()).max(0, 'not in this version').optional(),
    replyToId: messageId.optional(),
    meta: metaObject.optional(),
    asUserId: userId.optional(),
  }),
  list: z.strictObject({ roomId, ...paging, direction: z.enum(['older', 'newer']).default('older') }),
  around: z.strictObject({ ...oneMessage, limit: limit.default(50) }),
  get: z.strictObject(oneMessage),
  edit: z.strictObject({ ...oneMessage, content: contentText }),
  delete: z.strictObject(oneMessage),
  versions: z.strictObject(oneMessage),
}
