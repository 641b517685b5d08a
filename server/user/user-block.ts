import type { Tx } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from '../log/room-change.ts'
import { lockUsers } from '../log/user-rows.ts'
import { findDirect } from '../room/direct-pair.ts'
import type { Session } from '../rpc/context.ts'

/*
 * A block is a row of `user_blocks`. If the two users have a direct room, it is also in the blocked member's row there
 * (`blocked_at`), which a send locks and reads anyway. Both are written under the direct room's lock. Before that room exists,
 * they are written under the locks of both users, which creating the room takes as well.
 */

/** Blocks direct messages from a user. Blocking again changes nothing. @throws ChatError NOT_FOUND */
export function blockUser(services: RoomChangeServices, session: Session, userId: string): Promise<void> {
  return changeBlock(services, session, userId, async (tx, direct) => {
    const createdAt = new Date()
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('user_blocks')
      .values({ tenant_id: session.tenantId, user_id: session.userId, blocked_id: userId, created_at: createdAt })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    if (numInsertedOrUpdatedRows) await direct?.updatePrivate(userId, { blocked_at: createdAt })
  })
}

/** Accepts direct messages from a user again. @throws ChatError NOT_FOUND */
export function unblockUser(services: RoomChangeServices, session: Session, userId: string): Promise<void> {
  return changeBlock(services, session, userId, async (tx, direct) => {
    await tx
      .deleteFrom('user_blocks')
      .where('tenant_id', '=', session.tenantId)
      .where('user_id', '=', session.userId)
      .where('blocked_id', '=', userId)
      .execute()
    await direct?.updatePrivate(userId, { blocked_at: null })
  })
}

/** Locks the two users' direct room and then the users; without such a room, locks only the users. */
async function changeBlock(
  services: RoomChangeServices,
  session: Session,
  peerId: string,
  work: (tx: Tx, direct: RoomChange | undefined) => Promise<void>,
): Promise<void> {
  const { tenantId, userId } = session
  if (peerId === userId) throw invalidInput('userId', 'must be another user')
  const pair = { tenantId, userId, peerId }
  const lockBoth = async (tx: Tx) => {
    const users = await lockUsers(tx, tenantId, [userId, peerId])
    if (!users.has(peerId)) throw new ChatError('NOT_FOUND')
  }
  const inRoom = (roomId: string) =>
    changeRoom(services, { tenantId, roomId }, async (change) => {
      await change.lockMembers([userId, peerId])
      await lockBoth(change.tx)
      await work(change.tx, change)
    })

  const known = await findDirect(services.database.db, pair)
  if (known) return inRoom(known.id)
  const madeMeanwhile = await transact(services.database.db, async (tx) => {
    await lockBoth(tx)
    const made = await findDirect(tx, pair)
    // Rooms are locked before users: release the users and start with the room.
    if (!made) await work(tx, undefined)
    return made
  })
  if (madeMeanwhile) await inRoom(madeMeanwhile.id)
}
