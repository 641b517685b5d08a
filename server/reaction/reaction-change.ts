import { LIMITS } from '../../shared/limits.ts'
import type { Message, Reaction } from '../../shared/message.ts'
import { assertMayWrite } from '../access/write-rights.ts'
import { ChatError } from '../errors/chat-error.ts'
import { changeMessage, type MessageChange, type Target } from '../message/message-change.ts'
import type { Services, Session } from '../rpc/context.ts'

/*
 * Each reaction is a row in `message_reactions`. The message's row has the counts and the first users, which events carry. Both
 * change together under the room's lock.
 */

/**
 * Adds the caller's reaction to a message; does nothing if it exists.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, MESSAGE_DELETED, BLOCKED, MUTED, ROOM_ARCHIVED, ROOM_FROZEN, TOO_MANY_REACTIONS
 */
export const addReaction = (services: Services, session: Session, target: Target, emoji: string): Promise<Message> =>
  changeMessage(services, session, target, async (change) => {
    assertMayReact(session, change)
    const { reactions } = change.row
    const known = reactions.find((reaction) => reaction.emoji === emoji)
    if (!known && reactions.length >= LIMITS.reactionKinds) throw new ChatError('TOO_MANY_REACTIONS')
    if (!(await insertReaction(change, session.userId, emoji))) return undefined
    const { count, firstUserIds } = known ?? { count: 0, firstUserIds: [] }
    const added = {
      emoji,
      count: count + 1,
      firstUserIds: [...firstUserIds, session.userId].slice(0, LIMITS.reactionUsers),
    }
    return setReactions(change, known ? replaced(reactions, added) : [...reactions, added])
  })

/** Removes the caller's reaction; does nothing if there is none. @throws ChatError as `addReaction` */
export const removeReaction = (services: Services, session: Session, target: Target, emoji: string): Promise<Message> =>
  changeMessage(services, session, target, async (change) => {
    assertMayReact(session, change)
    const { reactions } = change.row
    const known = reactions.find((reaction) => reaction.emoji === emoji)
    if (!known || !(await deleteReaction(change, session.userId, emoji))) return undefined
    if (known.count === 1)
      return setReactions(
        change,
        reactions.filter((reaction) => reaction !== known),
      )
    const wasNamed = known.firstUserIds.includes(session.userId)
    const firstUserIds = wasNamed ? await readFirstUserIds(change, emoji) : known.firstUserIds
    return setReactions(change, replaced(reactions, { emoji, count: known.count - 1, firstUserIds }))
  })

function assertMayReact(session: Session, { access, row }: MessageChange): void {
  // A service does not act for a user here and has no reaction of its own.
  if (!access.member) throw new ChatError('NOT_A_MEMBER')
  if (row.deleted_at) throw new ChatError('MESSAGE_DELETED')
  assertMayWrite(session, access)
}

const replaced = (reactions: Reaction[], changed: Reaction): Reaction[] =>
  reactions.map((reaction) => (reaction.emoji === changed.emoji ? changed : reaction))

const setReactions = ({ change, row, sender }: MessageChange, reactions: Reaction[]): Promise<Message> =>
  change.updateMessage(row.seq, { reactions: JSON.stringify(reactions) }, sender)

/** Whether it was inserted; false if it existed. */
async function insertReaction({ change, row }: MessageChange, userId: string, emoji: string): Promise<boolean> {
  const { tx, room } = change
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('message_reactions')
    .values({
      tenant_id: room.tenant_id,
      room_id: room.id,
      message_id: row.id,
      user_id: userId,
      emoji,
      seq: room.last_seq + 1,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Whether it existed. */
async function deleteReaction({ change, row }: MessageChange, userId: string, emoji: string): Promise<boolean> {
  const { tx, room } = change
  const { numDeletedRows } = await tx
    .deleteFrom('message_reactions')
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('message_id', '=', row.id)
    .where('user_id', '=', userId)
    .where('emoji', '=', emoji)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

async function readFirstUserIds({ change, row }: MessageChange, emoji: string): Promise<string[]> {
  const { tx, room } = change
  const rows = await tx
    .selectFrom('message_reactions')
    .select('user_id')
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('message_id', '=', row.id)
    .where('emoji', '=', emoji)
    .orderBy('seq')
    .limit(LIMITS.reactionUsers)
    .execute()
  return rows.map(({ user_id }) => user_id)
}
