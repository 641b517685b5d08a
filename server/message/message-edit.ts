import type { z } from 'zod'
import type { Message, messageInputs } from '../../shared/message.ts'
import { assertMay } from '../access/access.ts'
import { assertMayWrite } from '../access/write-rights.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { MessageRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { RoomChange } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { reportFlagged } from '../word-filter/flagged-message.ts'
import type { FilterResult } from '../word-filter/word-filters.ts'
import { changeMessage, keepVersion, type MessageChange, readTarget } from './message-change.ts'
import {
  areSameMentions,
  assertRoomMentionOutsideThread,
  type Mentions,
  presentMembers,
  replaceMentions,
} from './message-mentions.ts'

type EditInput = z.output<typeof messageInputs.edit>

/**
 * Replaces the content of the caller's own message, keeping the earlier content as a version, and its mentions, where they are given.
 * The same again changes nothing.
 * @throws ChatError NOT_FOUND, FORBIDDEN, MESSAGE_DELETED, BLOCKED, MUTED, ROOM_ARCHIVED, ROOM_FROZEN, CONTENT_REFUSED
 */
export async function editMessage(services: Services, session: Session, input: EditInput): Promise<Message> {
  const { content, isFlagged, refusal } = await filterEdit(services, session, input)
  return changeMessage(services, session, input, async (message) => {
    const { change, row, sender } = message
    assertMayEdit(session, message)
    if (refusal) throw refusal
    const mentions = await editedMentions(message, input)
    const isReworded = row.content !== content
    const areMentionsChanged = !areSameMentions(row, mentions)
    if (!isReworded && !areMentionsChanged) return undefined
    if (isReworded) await keepVersion(change, row)
    if (isReworded && isFlagged) await reportEdit(change, row, content)
    if (areMentionsChanged) await replaceMentions(change, row, mentions)
    if (row.sender_id !== session.userId)
      await recordEdit(change, session, row, areMentionsChanged ? mentions : undefined)
    return change.updateMessage(row.seq, { content, ...mentions, edited_at: new Date() }, sender)
  })
}

/** Applies the word filters before the lock, which is held for no longer than it must be. The rights are read first, and again under it. */
const filterEdit = (services: Services, session: Session, input: EditInput): Promise<FilterResult> =>
  services.wordFilters.applyFilters(
    { tenantId: session.tenantId, roomId: input.roomId, content: input.content },
    async () => {
      assertMayEdit(session, await readTarget(services, session, input))
      return undefined
    },
  )

function assertMayEdit(session: Session, { access, row }: Pick<MessageChange, 'access' | 'row'>): void {
  if (row.sender_id !== session.userId && session.role !== 'service') throw new ChatError('FORBIDDEN')
  if (row.deleted_at) throw new ChatError('MESSAGE_DELETED')
  if (row.forwarded_from) throw new ChatError('FORBIDDEN', { message: FORWARDED })
  assertMayWrite(session, access)
}

const FORWARDED = 'Unable to edit a forwarded message; it says what somebody else said'

/** The message's mentions after the edit: as before, except for what the edit gives. */
async function editedMentions(
  { change, access, row }: MessageChange,
  { mentions, mentionsRoom = row.mentions_room }: EditInput,
): Promise<Mentions> {
  if (mentionsRoom && !row.mentions_room) {
    assertRoomMentionOutsideThread({ threadId: row.thread_id, mentionsRoom })
    assertMay(access, 'message.mentionRoom')
  }
  return {
    mentions: mentions ? await presentMembers(change, mentions) : row.mentions,
    mentions_room: mentionsRoom,
  }
}

function reportEdit(change: RoomChange, row: MessageRow, content: string): Promise<void> {
  const { tenant_id: tenantId, room_id: roomId, sender_id: senderId, id } = row
  return reportFlagged(change.tx, { tenantId, roomId, senderId, id, content })
}

/** Writes down that a service edited somebody's message. */
function recordEdit(
  change: RoomChange,
  session: Session,
  { room_id: roomId, sender_id: userId, id: messageId }: MessageRow,
  changed: Mentions | undefined,
): Promise<void> {
  const detail = changed ? { mentions: changed.mentions, mentionsRoom: changed.mentions_room } : {}
  return recordAct(change.tx, session, { action: 'message.edit', roomId, userId, messageId, detail })
}
