import type { Message } from '../../shared/message.ts'
import { isAttachment, isForwardedFrom, isReaction } from '../bus/bus-codec.ts'
import type { Db, MessageRow, Tx } from '../db/schema.ts'
import { isBytes, isCount, isDate, isFlag, isMeta, isText, listOf, oneOf, orNull, type Shape } from '../lib/checks.ts'

/*
 * The only conversion from rows to the API's messages. It is asynchronous because a row's content may have to be fetched or
 * decrypted first. One promise serves all rows of a call: callers pass whole pages.
 */

/** A message's row with the author's name and picture from the member row. */
export type AuthoredRow = MessageRow & { user_name: string; user_picture_url: string | null }

/** A check per column, for hand-written statements. */
export const AUTHORED_ROW: Shape<AuthoredRow> = {
  tenant_id: isText,
  room_id: isText,
  seq: isCount,
  id: isText,
  changed_seq: isCount,
  ordinal: orNull(isCount),
  sender_id: isText,
  client_id: isText,
  client_hash: isBytes,
  is_on_behalf: isFlag,
  kind: oneOf('text', 'image', 'file', 'system'),
  content: isText,
  reply_to_id: orNull(isText),
  thread_id: orNull(isText),
  thread_count: orNull(isCount),
  thread_last_ordinal: orNull(isCount),
  thread_last_at: orNull(isDate),
  thread_participants: orNull(listOf(isText)),
  mentions: listOf(isText),
  mentions_room: isFlag,
  reactions: listOf(isReaction),
  attachments: listOf(isAttachment),
  pinned_at: orNull(isDate),
  pinned_by: orNull(isText),
  created_at: isDate,
  edited_at: orNull(isDate),
  deleted_at: orNull(isDate),
  deleted_by: orNull(isText),
  deleted_seq: orNull(isCount),
  meta: isMeta,
  forwarded_from: orNull(isForwardedFrom),
  user_name: isText,
  user_picture_url: orNull(isText),
}

/** The columns that a message is made from. The hash of the sending call never leaves the server. */
export type MessageColumns = Omit<AuthoredRow, 'client_hash'>

/** Messages with their authors: rows for `toMessages`. */
export const selectMessages = (db: Db | Tx) =>
  db
    .selectFrom('messages')
    .innerJoin('members as sender', (join) =>
      join
        .onRef('sender.tenant_id', '=', 'messages.tenant_id')
        .onRef('sender.room_id', '=', 'messages.room_id')
        .onRef('sender.user_id', '=', 'messages.sender_id'),
    )
    .selectAll('messages')
    .select(['sender.user_name', 'sender.user_picture_url'])

/** The messages of these rows, in the same order. */
export async function toMessages(rows: readonly MessageColumns[]): Promise<Message[]> {
  return rows.map(toMessage)
}

/** The message of a single row. */
export async function toOneMessage(row: MessageColumns): Promise<Message> {
  return toMessage(row)
}

/** Each row with its message, in the same order, for callers that need columns which messages don't show. */
export async function withMessages<R extends MessageColumns>(
  rows: readonly R[],
): Promise<{ row: R; message: Message }[]> {
  return rows.map((row) => ({ row, message: toMessage(row) }))
}

const toMessage = (row: MessageColumns): Message => ({
  id: row.id,
  roomId: row.room_id,
  seq: row.seq,
  changedSeq: row.changed_seq,
  ordinal: row.ordinal,
  senderId: row.sender_id,
  sender: { id: row.sender_id, name: row.user_name, pictureUrl: row.user_picture_url },
  clientId: row.client_id,
  isOnBehalf: row.is_on_behalf,
  kind: row.kind,
  content: row.content,
  replyToId: row.reply_to_id,
  forwardedFrom: row.forwarded_from,
  threadId: row.thread_id,
  thread:
    !row.thread_count || row.thread_last_at === null
      ? null
      : { count: row.thread_count, lastAt: row.thread_last_at, participants: row.thread_participants ?? [] },
  mentions: row.mentions,
  mentionsRoom: row.mentions_room,
  reactions: row.reactions,
  attachments: row.attachments,
  pinnedAt: row.pinned_at,
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
  meta: row.meta,
})
