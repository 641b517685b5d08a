import type { Message } from '../../shared/message.ts'
import { type Access, accessOf, assertMay } from '../access/access.ts'
import { assertMayDelete, assertMayWrite } from '../access/write-rights.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { Db, MemberRow, MessageRow, RoomRow, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { toMessage } from '../log/message-shape.ts'
import { changeRoom, type RoomChange } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { reportFlagged } from '../word-filter/flagged-message.ts'
import {
  areSameMentions,
  assertMayAddress,
  type Mentions,
  NO_MENTIONS,
  presentMembers,
  replaceMentions,
} from './message-mentions.ts'

/** A message, as a call names it. */
export interface Target {
  roomId: string
  messageId: string
}

interface Edit {
  content: string
  mentions?: string[] | undefined
  mentionsRoom?: boolean | undefined
}

/**
 * Replaces what the caller's own message says, keeping the earlier content as a version, and whom it mentions, where that is given.
 * The same again changes nothing.
 * @throws ChatError NOT_FOUND, FORBIDDEN, MESSAGE_DELETED, BLOCKED, MUTED, ROOM_ARCHIVED, ROOM_FROZEN, CONTENT_REFUSED
 */
export async function editMessage(services: Services, session: Session, target: Target, edit: Edit): Promise<Message> {
  const asked = { tenantId: session.tenantId, roomId: target.roomId, content: edit.content }
  const { content, isFlagged, refusal } = await services.wordFilters.judge(asked, async () => {
    assertMayEdit(session, await readTarget(services, session, target))
    return undefined
  })
  return changeMessage(services, session, target, async ({ change, access, row, sender }) => {
    assertMayEdit(session, { access, row })
    if (refusal) throw refusal
    const next = await editedMentions({ change, access, row }, edit)
    const isReworded = row.content !== content
    const isReaddressed = !areSameMentions(row, next)
    if (!isReworded && !isReaddressed) return row
    if (isReworded) await keepVersion(change, row)
    if (isReworded && isFlagged) {
      const { tenant_id: tenantId, room_id: roomId, sender_id: senderId, id } = row
      await reportFlagged(change.tx, { tenantId, roomId, senderId, id, content })
    }
    if (isReaddressed) await replaceMentions(change, row, next)
    if (row.sender_id !== session.userId) {
      const { room_id: roomId, sender_id: userId, id: messageId } = row
      const detail = isReaddressed ? { mentions: next.mentions, mentionsRoom: next.mentions_room } : {}
      await recordAct(change.tx, session, { action: 'message.edit', roomId, userId, messageId, detail })
    }
    return change.updateMessage(row.seq, { content, ...next, edited_at: new Date() }, sender)
  })
}

function assertMayEdit(session: Session, { access, row }: Pick<MessageChange, 'access' | 'row'>): void {
  if (row.sender_id !== session.userId && session.role !== 'service') throw new ChatError('FORBIDDEN')
  if (row.deleted_at) throw new ChatError('MESSAGE_DELETED')
  if (row.forwarded_from) throw new ChatError('FORBIDDEN', { message: NOT_ONES_OWN_WORDS })
  assertMayWrite(session, access)
}

const NOT_ONES_OWN_WORDS = 'Unable to edit a forwarded message; it says what somebody else said'

/**
 * Deletes a message for everybody: one's own, or another's where the role allows it. A tombstone without content stays; what it
 * said is kept as a version for moderators. A second delete changes nothing. @throws ChatError NOT_FOUND, FORBIDDEN, ROOM_ARCHIVED
 */
export async function deleteMessage(services: Services, session: Session, target: Target): Promise<Message> {
  const deleted = await changeMessage(services, session, target, (message) => eraseMessage(session, message))
  await clearReactions(services, session.tenantId, target)
  return deleted
}

/** Deletes a message in the course of a change; what is behind its reactions is for `clearReactions`, after it. */
export async function eraseMessage(
  session: Session,
  { change, access, row, sender, root }: MessageChange,
): Promise<MessageRow> {
  if (row.sender_id !== session.userId) assertMay(access, 'message.deleteAny')
  assertMayDelete(access.room)
  if (row.deleted_at) return row
  await keepVersion(change, row)
  if (row.sender_id !== session.userId) {
    const { room_id: roomId, sender_id: userId, id: messageId } = row
    await recordAct(change.tx, session, { action: 'message.delete', roomId, userId, messageId })
  }
  const blank = {
    content: '',
    ...NO_MENTIONS,
    reactions: '[]',
    attachments: '[]',
    meta: '{}',
    pinned_at: null,
    pinned_by: null,
    forwarded_from: null,
  }
  await replaceMentions(change, row, NO_MENTIONS)
  const deletion = { ...blank, deleted_at: new Date(), deleted_by: session.userId }
  const tombstone = await change.updateMessage(row.seq, deletion, sender)
  if (root) await change.updateMessage(root.row.seq, await threadWithout(change, root.row), root.author)
  return tombstone
}

/** Rows that one statement deletes at most. */
const CLEARED_AT_ONCE = 500

/**
 * Deletes the rows behind a deleted message's reactions, which nobody can see any more or add to: without the room's lock, since there
 * may be very many. What a failure leaves is deleted by the next try.
 */
export async function clearReactions(
  { database }: Pick<Services, 'database'>,
  tenantId: string,
  { roomId, messageId }: Target,
): Promise<void> {
  while (true) {
    const { numDeletedRows } = await database.db
      .deleteFrom('message_reactions')
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', roomId)
      .where('message_id', '=', messageId)
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('user_id', 'emoji'),
          'in',
          selectFrom('message_reactions as some')
            .select(['some.user_id', 'some.emoji'])
            .where('some.tenant_id', '=', tenantId)
            .where('some.room_id', '=', roomId)
            .where('some.message_id', '=', messageId)
            .limit(CLEARED_AT_ONCE)
            .$asTuple('user_id', 'emoji'),
        ),
      )
      .executeTakeFirst()
    if (numDeletedRows < CLEARED_AT_ONCE) return
  }
}

/** Whom the message addresses after the edit: as before, but for what the edit says. */
async function editedMentions(
  { change, access, row }: Pick<MessageChange, 'change' | 'access' | 'row'>,
  { mentions, mentionsRoom = row.mentions_room }: Edit,
): Promise<Mentions> {
  if (mentionsRoom && !row.mentions_room) {
    assertMayAddress({ threadId: row.thread_id, mentionsRoom })
    assertMay(access, 'message.mentionRoom')
  }
  return {
    mentions: mentions ? await presentMembers(change, mentions) : row.mentions,
    mentions_room: mentionsRoom,
  }
}

/** What the root says of its thread with one reply less: who took part stays named while there are others. */
async function threadWithout(change: RoomChange, root: MessageRow) {
  const latest = await change.tx
    .selectFrom('messages')
    .select('created_at')
    .where('tenant_id', '=', root.tenant_id)
    .where('room_id', '=', root.room_id)
    .where('thread_id', '=', root.id)
    .where('deleted_at', 'is', null)
    .orderBy('ordinal', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    thread_count: Math.max(0, (root.thread_count ?? 0) - 1),
    thread_last_at: latest?.created_at ?? null,
    ...(latest ? {} : { thread_participants: [] }),
  }
}

/** A message under its room's lock, and the caller's place there. */
export interface MessageChange {
  change: RoomChange
  access: Access
  row: MessageRow
  /** The author's member row, from which events take the author's name. */
  sender: MemberRow
  /** Of a reply: the root of its thread, with its author. */
  root: { row: MessageRow; author: MemberRow } | undefined
}

/** Locks the room, the caller's and the author's member rows, and finds the message where the caller may see it. */
export function changeMessage(
  services: Services,
  session: Session,
  { roomId, messageId }: Target,
  work: (target: MessageChange) => Promise<MessageRow>,
): Promise<Message> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const found = await findWithRoot(change, messageId)
    const members = await change.lockMembers([session.userId, ...authorsOf(found)])
    const access = accessOf(session, change.room, members.get(session.userId))
    const authored = withAuthors(found, members)
    if (!authored || !isThere(authored.row, access)) throw new ChatError('NOT_FOUND')
    const { sender } = authored
    const changed = await work({ change, access, ...authored })
    return toMessage({ ...changed, user_name: sender.user_name, user_picture_url: sender.user_picture_url })
  })
}

/** Whether the caller sees the message, and somebody said it. */
const isThere = (row: MessageRow, { fromSeq }: Access): boolean => row.seq >= fromSeq && row.kind !== 'system'

/** The message without any lock, for a look ahead of the change. @throws ChatError NOT_FOUND, NOT_A_MEMBER */
async function readTarget({ access: reader, database }: Services, session: Session, { roomId, messageId }: Target) {
  const access = await reader.read(session, roomId)
  const row = await findMessage(database.db, access.room, messageId)
  if (!row || !isThere(row, access)) throw new ChatError('NOT_FOUND')
  return { access, row }
}

/** A message and, of a reply, the root of its thread. */
export interface FoundMessage {
  row: MessageRow | undefined
  rootRow: MessageRow | undefined
}

export async function findWithRoot(change: RoomChange, messageId: string): Promise<FoundMessage> {
  const row = await findMessage(change.tx, change.room, messageId)
  return { row, rootRow: row?.thread_id ? await findMessage(change.tx, change.room, row.thread_id) : undefined }
}

/** Whose member rows have to be locked, with all others at once, before the message can be changed. */
export const authorsOf = ({ row, rootRow }: FoundMessage): string[] =>
  [row, rootRow].flatMap((each) => each?.sender_id ?? [])

export function withAuthors(
  { row, rootRow }: FoundMessage,
  members: Map<string, MemberRow>,
): Pick<MessageChange, 'row' | 'sender' | 'root'> | undefined {
  const sender = row && members.get(row.sender_id)
  if (!row || !sender) return undefined
  const author = rootRow && members.get(rootRow.sender_id)
  return { row, sender, root: rootRow && author ? { row: rootRow, author } : undefined }
}

const findMessage = (db: Db | Tx, room: RoomRow, messageId: string): Promise<MessageRow | undefined> =>
  db
    .selectFrom('messages')
    .selectAll()
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('id', '=', messageId)
    .executeTakeFirst()

async function keepVersion(change: RoomChange, row: MessageRow): Promise<void> {
  const { tenant_id, id: room_id, last_seq } = change.room
  const version = { tenant_id, room_id, message_id: row.id, seq: last_seq + 1, content: row.content }
  await change.tx.insertInto('message_versions').values(version).execute()
}
