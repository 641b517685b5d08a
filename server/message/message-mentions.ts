import type { MessageRow } from '../db/schema.ts'
import { invalidInput } from '../errors/chat-error.ts'
import type { RoomChange } from '../log/room-change.ts'

/** Whom a message mentions, as its row has it. */
export type Mentions = Pick<MessageRow, 'mentions' | 'mentions_room'>

export const NO_MENTIONS: Mentions = { mentions: [], mentions_room: false }

/** A mention of everybody is not for threads. @throws ChatError INVALID_INPUT */
export function assertRoomMentionOutsideThread(asked: {
  threadId: string | null | undefined
  mentionsRoom: boolean | undefined
}): void {
  if (asked.mentionsRoom && typeof asked.threadId === 'string')
    throw invalidInput('mentionsRoom', 'not in a thread; its followers are told')
}

export const areSameMentions = (one: Mentions, other: Mentions): boolean =>
  one.mentions_room === other.mentions_room && JSON.stringify(one.mentions) === JSON.stringify(other.mentions)

/** Those of these users who are in the room, each once. Membership changes under the room's lock alone, which is held. */
export async function presentMembers(change: RoomChange, userIds: string[]): Promise<string[]> {
  const asked = [...new Set(userIds)]
  if (asked.length === 0) return []
  const members = await change.tx
    .selectFrom('members')
    .select('user_id')
    .where('tenant_id', '=', change.room.tenant_id)
    .where('room_id', '=', change.room.id)
    .where('user_id', 'in', asked)
    .where('left_at', 'is', null)
    .execute()
  const present = new Set(members.map((member) => member.user_id))
  return asked.filter((id) => present.has(id))
}

/**
 * Replaces the rows that count a message's mentions. A user whom a reply mentions for the first time follows the thread from there.
 * `SEND_FULL` has the same rule in SQL; tests/message/mention-rule.test.ts runs both over one table of cases.
 */
export async function replaceMentions(change: RoomChange, row: MessageRow, next: Mentions): Promise<void> {
  const { tenant_id, room_id, thread_id, sender_id, ordinal } = row
  if (ordinal === null) return
  const { tx } = change
  const ofRoom = tx
    .deleteFrom('mentions')
    .where('tenant_id', '=', tenant_id)
    .where('room_id', '=', room_id)
    .where('thread_id', thread_id === null ? 'is' : '=', thread_id)
    .where('ordinal', '=', ordinal)
  if (row.mentions_room) await ofRoom.where('user_id', 'is', null).execute()
  if (row.mentions.length > 0) await ofRoom.where('user_id', 'in', row.mentions).execute()

  const named = next.mentions.filter((id) => id !== sender_id)
  const counted = next.mentions_room ? [null] : named
  if (counted.length === 0) return
  await tx
    .insertInto('mentions')
    .values(counted.map((user_id) => ({ tenant_id, room_id, thread_id, user_id, ordinal, sender_id })))
    .execute()
  if (thread_id === null) return
  await tx
    .insertInto('thread_follows')
    .values(named.map((user_id) => ({ tenant_id, room_id, thread_id, user_id, read_ordinal: ordinal - 1 })))
    .onConflict((conflict) => conflict.columns(['tenant_id', 'room_id', 'thread_id', 'user_id']).doNothing())
    .execute()
}
