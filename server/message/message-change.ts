import type { Message } from '../../shared/message.ts'
import { type Access, accessOf } from '../access/access.ts'
import type { Db, MemberRow, MessageRow, RoomRow, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { toOneMessage } from '../log/message-shape.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'

/** A message, as a call names it. */
export interface Target {
  roomId: string
  messageId: string
}

/** A message under its room's lock, and the caller's access to the room. */
export interface MessageChange {
  change: RoomChange
  access: Access
  row: MessageRow
  /** The author's member row, from which events take the author's name. */
  sender: MemberRow
  /** Of a reply: the root of its thread, with its author. */
  root: { row: MessageRow; author: MemberRow } | undefined
}

/**
 * Locks the room, the caller's and the author's member rows, and finds the message where the caller may see it. `work` answers with the
 * message as it has changed it; with undefined where it stays as it is.
 */
export function changeMessage(
  services: RoomChangeServices,
  session: Session,
  { roomId, messageId }: Target,
  work: (message: MessageChange) => Promise<Message | undefined>,
): Promise<Message> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const found = await findWithRoot(change, messageId)
    const members = await change.lockMembers([session.userId, ...authorsOf(found)])
    const access = accessOf(session, change.room, members.get(session.userId))
    const authored = withAuthors(found, members)
    if (!authored || !isThere(authored.row, access)) throw new ChatError('NOT_FOUND')
    const { row, sender } = authored
    const changed = await work({ change, access, ...authored })
    return changed ?? toOneMessage({ ...row, user_name: sender.user_name, user_picture_url: sender.user_picture_url })
  })
}

/** Whether the caller sees the message, and somebody said it. */
const isThere = (row: MessageRow, { fromSeq }: Access): boolean => row.seq >= fromSeq && row.kind !== 'system'

/** Reads the message without any lock, for a look ahead of its change. @throws ChatError NOT_FOUND, NOT_A_MEMBER */
export async function readTarget(
  { access: reader, database }: Pick<Services, 'access' | 'database'>,
  session: Session,
  { roomId, messageId }: Target,
): Promise<Pick<MessageChange, 'access' | 'row'>> {
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

/** Keeps what the message says until now, for its list of versions. */
export async function keepVersion(change: RoomChange, row: MessageRow): Promise<void> {
  const { tenant_id, id: room_id, last_seq } = change.room
  const version = { tenant_id, room_id, message_id: row.id, seq: last_seq + 1, content: row.content }
  await change.tx.insertInto('message_versions').values(version).execute()
}
