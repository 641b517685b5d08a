import { z } from 'zod'
import { clientId, messageId, roomId, userId } from './ids.ts'
import { type Meta, metaObject } from './json.ts'
import { LIMITS } from './limits.ts'
import { limit, type Page, paging } from './page.ts'
import { contentText } from './text.ts'
import type { UserSummary } from './user.ts'

export type MessageKind = 'text' | 'image' | 'file' | 'system'

/** How often a message was reacted to with one emoji. */
export interface Reaction {
  emoji: string
  count: number
  /** Who was first, at most ten. `reaction.list` has all of them, `reaction.mine` the caller's own. */
  firstUserIds: string[]
}

/** What the root of a thread knows of its replies; null while there are none. */
export interface ThreadSummary {
  /** Replies that can be read: deleted ones are not counted. */
  count: number
  /** When the last of them was sent. */
  lastAt: Date
  /** Who replied, in the order of their first reply: the first 20 of them. */
  participants: string[]
}

export interface Attachment {
  id: string
  name: string
  contentType: string
  size: number
}

/**
 * Where a forwarded message comes from, as it was when it was forwarded. Who reads it need not know the room where it was said: that is
 * named only where everybody may know of it, or where it is the same.
 */
export interface ForwardedFrom {
  roomId: string | null
  messageId: string | null
  senderId: string
  senderName: string
}

/**
 * One message as everybody in the room sees it: nothing in it depends on who reads. `M` is what the host application's `messageMeta`
 * allows; a deleted message has `{}` in its place.
 */
export interface Message<M extends object = Meta> {
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
  /** Sent in the sender's name by the host application (`asUserId`), or at a time that the sender set: the sender's read marker stays where it was. */
  isOnBehalf: boolean
  kind: MessageKind
  /** As sent; `''` after a delete. */
  content: string
  replyToId: string | null
  /** Of a forwarded message: who said it first. It can't be edited. */
  forwardedFrom: ForwardedFrom | null
  /** Of a reply: the id of its thread's root. It has no place in `message.list` and the room's ordinals. */
  threadId: string | null
  thread: ThreadSummary | null
  /** Who is addressed by name: of those whom the sender named, the members at that time. */
  mentions: string[]
  /** Everybody in the room is addressed. */
  mentionsRoom: boolean
  reactions: Reaction[]
  attachments: Attachment[]
  pinnedAt: Date | null
  createdAt: Date
  editedAt: Date | null
  deletedAt: Date | null
  meta: M
}

/** An earlier content of a message, newest first in `message.versions`. */
export interface MessageVersion {
  content: string
  /** When this content was replaced. */
  replacedAt: Date
  seq: number
}

/** A message that the caller has hidden from their own view. */
export interface HiddenMessage {
  messageId: string
  seq: number
  hiddenAt: Date
}

/** Messages around one of them, oldest first, with cursors for `message.list` in both directions. */
export interface MessagesAround<M extends object = Meta> {
  items: Message<M>[]
  olderCursor: string | null
  newerCursor: string | null
}

/** A thread: its root, and a page of its replies. */
export interface ThreadPage<M extends object = Meta> extends Page<Message<M>> {
  root: Message<M>
}

const oneMessage = { roomId, messageId }

const mentions = z.array(userId).max(LIMITS.userIds, `at most ${LIMITS.userIds} users a call`)

export const messageInputs = {
  send: z.strictObject({
    roomId,
    clientId,
    content: contentText,
    kind: z.literal('text', 'other kinds are not in this version').optional(),
    mentions: mentions.optional(),
    mentionsRoom: z.boolean().optional(),
    attachmentIds: z.array(z.uuid()).max(0, 'not in this version').optional(),
    replyToId: messageId.optional(),
    threadId: messageId.optional(),
    meta: metaObject.optional(),
    asUserId: userId.optional(),
  }),
  list: z.strictObject({ roomId, ...paging, direction: z.enum(['older', 'newer']).default('older') }),
  around: z.strictObject({ ...oneMessage, limit: limit.default(50) }),
  get: z.strictObject(oneMessage),
  edit: z.strictObject({
    ...oneMessage,
    content: contentText,
    mentions: mentions.optional(),
    mentionsRoom: z.boolean().optional(),
  }),
  delete: z.strictObject(oneMessage),
  versions: z.strictObject(oneMessage),
  pin: z.strictObject(oneMessage),
  pinned: z.strictObject({ roomId, ...paging }),
  hide: z.strictObject(oneMessage),
  hidden: z.strictObject({ roomId, ...paging }),
  forward: z.strictObject({ ...oneMessage, toRoomId: roomId, clientId }),
  thread: z.strictObject({
    roomId,
    threadId: messageId,
    ...paging,
    direction: z.enum(['older', 'newer']).default('newer'),
  }),
}
