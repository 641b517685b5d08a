import type { Message } from '../../shared/message.ts'
import type { MemberRow, MessageRow } from '../db/database.ts'
import { type Access, accessOf, assertMay } from '../member/access.ts'
import { toMessage } from '../room-log/message-shape.ts'
import { changeRoom, type RoomChange } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'

interface Target {
  roomId: string
  messageId: string
}

/**
 * Replaces what the caller's own message says, keeping the earlier content as a version. The same content again changes nothing.
 * @throws ChatError NOT_FOUND, FORBIDDEN, MESSAGE_DELETED, MUTED, ROOM_ARCHIVED, ROOM_FROZEN
 */
export function editMessage(services: Services, session: Session, target: Target, content: string): Promise<Message> {
  return changeMessage(services, session, target, async ({ change, access, row, sender }) => {
    if (row.sender_id !== session.userId && session.role !== 'service') throw new ChatError('FORBIDDEN')
    if (row.deleted_at) throw new ChatError('MESSAGE_DELETED')
    assertMayWrite(session, access)
    if (row.content === content) return row
    await keepVersion(change, row)
    return change.updateMessage(row.seq, { content, edited_at: new Date() }, sender)
  })
}

/**
 * Deletes a message for everybody: one's own, or another's where the role allows it. A tombstone without content stays; what it
 * said is kept as a version for moderators. A second delete changes nothing. @throws ChatError NOT_FOUND, FORBIDDEN, ROOM_ARCHIVED
 */
export function deleteMessage(services: Services, session: Session, target: Target): Promise<Message> {
  return changeMessage(services, session, target, async ({ change, access, row, sender }) => {
    if (row.sender_id !== session.userId) assertMay(access, 'message.deleteAny')
    if (access.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    if (row.deleted_at) return row
    await keepVersion(change, row)
    const blank = {
      content: '',
      mentions: [],
      mentions_room: false,
      reactions: '[]',
      attachments: '[]',
      meta: '{}',
      pinned_at: null,
    }
    return change.updateMessage(row.seq, { ...blank, deleted_at: new Date(), deleted_by: session.userId }, sender)
  })
}

/** What may keep a member from rewriting, read from the locked rows. A service is bound by the archive alone. */
function assertMayWrite(session: Session, { room, member }: Access): void {
  if (room.archived_at) throw new ChatError('ROOM_ARCHIVED')
  if (session.role === 'service') return
  if (room.frozen_at) throw new ChatError('ROOM_FROZEN')
  const mutedFor = (member?.muted_until?.getTime() ?? 0) - Date.now()
  if (mutedFor > 0) throw new ChatError('MUTED', { retryAfterMs: mutedFor })
}

interface MessageChange {
  change: RoomChange
  access: Access
  row: MessageRow
  /** The author's member row, from which events take the author's name. */
  sender: MemberRow
}

/** Locks the room, the caller's and the author's member rows, and finds the message where the caller may see it. */
function changeMessage(
  services: Services,
  session: Session,
  { roomId, messageId }: Target,
  work: (target: MessageChange) => Promise<MessageRow>,
): Promise<Message> {
  return changeRoom(services, { tenantId: session.tenantId, roomId }, async (change) => {
    const row = await change.tx
      .selectFrom('messages')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where('id', '=', messageId)
      .executeTakeFirst()
    const members = await change.lockMembers([session.userId, ...(row ? [row.sender_id] : [])])
    const access = accessOf(session, change.room, members.get(session.userId))
    const sender = row && members.get(row.sender_id)
    if (!row || !sender || row.seq < access.fromSeq || row.kind === 'system') throw new ChatError('NOT_FOUND')
    const changed = await work({ change, access, row, sender })
    return toMessage({ ...changed, user_name: sender.user_name, user_picture_url: sender.user_picture_url })
  })
}

async function keepVersion(change: RoomChange, row: MessageRow): Promise<void> {
  const { tenant_id, id: room_id, last_seq } = change.room
  const version = { tenant_id, room_id, message_id: row.id, seq: last_seq + 1, content: row.content }
  await change.tx.insertInto('message_versions').values(version).execute()
}
