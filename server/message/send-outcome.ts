import type { Message } from '../../shared/message.ts'
import type { MessageEvent } from '../../shared/room-event.ts'
import type { MessageRow } from '../db/schema.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { parseMeta } from '../lib/checks.ts'
import type { RoomKey } from '../lib/keys.ts'
import { type MessageColumns, withMessages } from '../log/message-shape.ts'
import type { Send } from './send-statement.ts'

/** What became of one send of a batch, in the batch's order. */
export interface SendOutcome extends ChangedRoot {
  outcome: 'SENT' | 'REPEATED' | SendRefusal
  epoch_seed: string
  user_name: string
  user_picture_url: string | null
  at: Date
  muted_ms: number | null
  slow_ms: number | null
  seq: number | null
  ordinal: number | null
  /** Of those who were to be mentioned, who is in the room. */
  mentions?: string[] | null
}

/** The thread's root as a batch left it, beside the last reply to it. */
interface ChangedRoot {
  root?: RootJson | null
  root_user_name?: string | null
  root_user_picture_url?: string | null
}

type DateColumn = {
  [Column in keyof MessageRow]: MessageRow[Column] extends Date | null ? Column : never
}[keyof MessageRow]

/** A message's row as Postgres writes it in JSON: dates are text. */
type RootJson = {
  [Column in keyof Omit<MessageRow, 'client_hash'>]: Column extends DateColumn
    ? string | Extract<MessageRow[Column], null>
    : MessageRow[Column]
}

type SendRefusal =
  | 'NOT_FOUND'
  | 'NOT_A_MEMBER'
  | 'CLIENT_ID_REUSED'
  | 'ROOM_ARCHIVED'
  | 'ROOM_FROZEN'
  | 'BLOCKED'
  | 'MUTED'
  | 'SLOW_MODE'
  | 'FORBIDDEN'
  | 'MESSAGE_DELETED'
  | 'REPLY_TO_NOTHING'
  | 'THREAD_OF_NOTHING'
  | 'THREAD_OF_REPLY'

/** The message that was written: the same that a read gives. It is built once, for the event and for the answer. */
export function sentMessage(
  send: Send,
  { seq, ordinal, at, user_name: name, user_picture_url: pictureUrl, mentions }: SendOutcome,
): Message {
  if (seq === null || ordinal === null) throw new Error('A message without a seq in its room')
  return {
    id: send.id,
    roomId: send.roomId,
    seq,
    changedSeq: seq,
    ordinal,
    senderId: send.senderId,
    sender: { id: send.senderId, name, pictureUrl },
    clientId: send.clientId,
    isOnBehalf: send.isOnBehalf,
    kind: 'text',
    content: send.content,
    replyToId: send.replyToId,
    forwardedFrom: send.forwardedFrom,
    threadId: send.threadAndMentions?.threadId ?? null,
    thread: null,
    mentions: mentions ?? [],
    mentionsRoom: send.threadAndMentions?.mentionsRoom ?? false,
    reactions: [],
    attachments: [],
    pinnedAt: null,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
    // As it is stored: the object that a caller in process passed stays the caller's own.
    meta: parseMeta(send.meta),
  }
}

/** The error for a send that was refused. */
export function refusalOf({ outcome, muted_ms: mutedMs, slow_ms: slowMs }: SendOutcome): ChatError {
  switch (outcome) {
    case 'MUTED':
      return new ChatError('MUTED', { retryAfterMs: Math.max(1, Math.ceil(mutedMs ?? 0)) })
    case 'SLOW_MODE':
      return new ChatError('SLOW_MODE', { retryAfterMs: Math.max(1, Math.ceil(slowMs ?? 0)) })
    case 'REPLY_TO_NOTHING':
      return invalidInput('replyToId', 'no such message in this room')
    case 'THREAD_OF_NOTHING':
      return invalidInput('threadId', 'no such message in this room')
    case 'THREAD_OF_REPLY':
      return invalidInput('threadId', 'a reply; name the root of its thread')
    case 'FORBIDDEN':
      return new ChatError('FORBIDDEN', { message: 'Unable to mention everybody; your role does not allow it' })
    case 'SENT':
    case 'REPEATED':
      throw new Error(`Not a refusal: ${outcome}`)
    default:
      return new ChatError(outcome)
  }
}

/** The change of a thread's root that came with the replies of a batch. */
interface RootChange {
  room: RoomKey
  epochSeed: string
  event: MessageEvent
}

/** The changes of the roots that were replied to in a batch, each root once. Their seqs follow those of the messages of their room. */
export async function rootChanges(outcomes: readonly SendOutcome[]): Promise<RootChange[]> {
  const rows = outcomes.flatMap((outcome) => (outcome.root ? [rootRow(outcome.root, outcome)] : []))
  if (rows.length === 0) return []
  return (await withMessages(rows)).map(({ row, message }) => ({
    room: { tenantId: row.tenant_id, roomId: row.room_id },
    epochSeed: row.epoch_seed,
    event: { type: 'message.updated', seq: message.changedSeq, prev: message.changedSeq - 1, message },
  }))
}

function rootRow(
  root: RootJson,
  { epoch_seed, root_user_name, root_user_picture_url }: SendOutcome,
): MessageColumns & { epoch_seed: string } {
  return {
    ...root,
    epoch_seed,
    user_name: root_user_name ?? '',
    user_picture_url: root_user_picture_url ?? null,
    created_at: new Date(root.created_at),
    thread_last_at: toDate(root.thread_last_at),
    pinned_at: toDate(root.pinned_at),
    edited_at: toDate(root.edited_at),
    deleted_at: toDate(root.deleted_at),
  }
}

const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text))
