import { z } from 'zod'
import { clientId, messageId, roomId, userId } from './ids.ts'
import { type Meta, metaObject } from './json.ts'
import { LIMITS } from './limits.ts'
import { limit, type Page, paging } from './page.ts'
import { contentText } from './text.ts'
import type { UserSummary } from './user.ts'

export type MessageKind = 'text' | 'image' | 'file' | 'system'

/** The reactions to a message with one emoji. */
export interface Reaction {
  emoji: string
  count: number
  /** The first users, at most ten. `reaction.list` has all of them, `reaction.mine` the caller's own. */
  firstUserIds: string[]
}

/** The summary of a thread on its root. Null while there are no replies. */
export interface ThreadSummary {
  /** Visible replies: deleted ones are not counted. */
  count: number
  /** When the latest reply was sent. */
  lastAt: Date
  /** The first 20 participants, in the order of their first reply. */
  participants: string[]
}

export interface Attachment {
  id: string
  name: string
  contentType: string
  size: number
}

/**
 * The origin of a forwarded message, at the time it was forwarded. Readers need not know the original room. It is named only if
 * everyone may know of it, or if it is the same room.
 */
export interface ForwardedFrom {
  roomId: string | null
  messageId: string | null
  senderId: string
  senderName: string
}

/**
 * One message as everyone in the room sees it: nothing in it depends on the reader. `M` is the type that the host application's
 * `messageMeta` allows. A deleted message has `{}` in its place.
 */
export interface Message<M extends object = Meta> {
  id: string
  roomId: string
  /** The message's position in the room's order. Never changes. */
  seq: number
  /** The position of its latest change. Equal to `seq` until it changes. */
  changedSeq: number
  /** Its number among the room's countable messages (a thread reply: among its thread's). Null for system messages. */
  ordinal: number | null
  senderId: string
  sender: UserSummary
  clientId: string
  /**
   * Sent by the host application in the sender's name (`asUserId`), or at a scheduled time. The sender's read marker does not
   * move.
   */
  isOnBehalf: boolean
  kind: MessageKind
  /** As sent; `''` after a delete. */
  content: string
  replyToId: string | null
  /** The original author, for a forwarded message. Such a message can't be edited. */
  forwardedFrom: ForwardedFrom | null
  /** The id of the thread's root, for a reply. Replies are not part of `message.list` and of the room's ordinals. */
  threadId: string | null
  thread: ThreadSummary | null
  /** Mentioned users who were members when the message was sent. */
  mentions: string[]
  /** The whole room is mentioned. */
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
