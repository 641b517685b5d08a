import type { Message } from '../../shared/message.ts'
import type { Db, MessageRow, Tx } from '../db/schema.ts'

/** A message's row with its author as the member row has it. */
export type AuthoredRow = MessageRow & { user_name: string; user_picture_url: string | null }

/** Messages with their authors: what `toMessage` reads. */
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

export const toMessage = (row: Omit<AuthoredRow, 'client_hash'>): Message => ({
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
