import { sql } from 'kysely'
import type { z } from 'zod'
import type { RoomSettings, roomInputs } from '../../shared/room.ts'
import { accessOf, readAccess } from '../access/access.ts'
import { assertMayWrite } from '../access/write-rights.ts'
import { userChannel } from '../bus/bus.ts'
import type { Db, StoredSettings, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { changeRoom, type RoomChange, type RoomChangeServices } from '../log/room-change.ts'
import { lockUsers } from '../log/user-rows.ts'
import type { Session } from '../rpc/context.ts'

type SettingsInput = z.output<typeof roomInputs.settings>

/** A member's current settings: a message that was sent after hiding a room makes it visible again. */
export const toSettings = (stored: StoredSettings | null, lastOrdinal: number): RoomSettings => ({
  notifications: stored?.notifications ?? 'all',
  isPinned: stored?.isPinned ?? false,
  isHidden: lastOrdinal <= (stored?.hiddenUpTo ?? -1),
  nickname: stored?.nickname ?? null,
})

/** `isHidden` of `toSettings` in SQL, for the member `viewer` of `rooms`. */
export const isHidden = sql<boolean>`coalesce(rooms.last_ordinal <= (viewer.settings ->> 'hiddenUpTo')::bigint, false)`

/** 1 if the member `viewer` has pinned the room, otherwise 0. */
export const pinned = sql<number>`coalesce((viewer.settings ->> 'isPinned')::boolean, false)::int`

/**
 * Changes the caller's own settings of a room; omitted ones stay. All but the nickname are private and not in the room's log; the
 * caller's other devices are notified.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER; for a nickname ROOM_ARCHIVED, ROOM_FROZEN, BLOCKED, MUTED
 */
export async function changeSettings(
  services: RoomChangeServices,
  session: Session,
  input: SettingsInput,
): Promise<void> {
  const { roomId, nickname } = input
  const { tenantId, userId } = session
  if (nickname === undefined) {
    await changeOwnSettings(services.database.db, session, input)
  } else {
    await changeRoom(services, { tenantId, roomId }, async (change) => {
      await changeNickname(change, session, nickname)
      await changeOwnSettings(change.tx, session, input)
    })
  }
  services.bus.publish(userChannel(tenantId, userId), { type: 'viewer.changed', roomId })
}

/** A single statement without the room's lock, because none of this is in the room's log. */
async function changeOwnSettings(db: Db | Tx, session: Session, input: SettingsInput): Promise<void> {
  const { roomId, notifications, isPinned } = input
  const named: StoredSettings = {
    ...(notifications === undefined ? {} : { notifications }),
    ...(isPinned === undefined ? {} : { isPinned }),
    ...(input.isHidden === false ? { hiddenUpTo: null } : {}),
  }
  const hiding = input.isHidden ? sql`|| jsonb_build_object('hiddenUpTo', rooms.last_ordinal)` : sql``
  const changed = await db
    .updateTable('members')
    .from('rooms')
    .set({ settings: sql`members.settings || ${JSON.stringify(named)}::jsonb ${hiding}` })
    .where('members.tenant_id', '=', session.tenantId)
    .where('members.room_id', '=', roomId)
    .where('members.user_id', '=', session.userId)
    .where('members.left_at', 'is', null)
    .whereRef('rooms.tenant_id', '=', 'members.tenant_id')
    .whereRef('rooms.id', '=', 'members.room_id')
    .where('rooms.deleted_at', 'is', null)
    .executeTakeFirst()
  if (changed.numUpdatedRows > 0n) return
  await readAccess(db, session, roomId)
  throw new ChatError('NOT_A_MEMBER')
}

/** A nickname replaces the user's name in the member row, and thus in the room's log and its messages. */
async function changeNickname(change: RoomChange, session: Session, nickname: string | null): Promise<void> {
  const { tenantId, userId } = session
  const member = (await change.lockMembers([userId])).get(userId)
  accessOf(session, change.room, member)
  if (!member || member.left_at) throw new ChatError('NOT_A_MEMBER')
  if ((member.settings.nickname ?? null) === nickname) return
  assertMayWrite(session, { room: change.room, member })
  const user = (await lockUsers(change.tx, tenantId, [userId])).get(userId)
  if (!user) throw new ChatError('NOT_FOUND')
  const settings = JSON.stringify({ ...member.settings, nickname })
  await change.updateMember(userId, { settings, user_name: nickname ?? user.name })
}
