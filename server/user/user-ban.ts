import { sql } from 'kysely'
import type { UserBan } from '../../shared/user.ts'
import { recordAct } from '../audit/audit-write.ts'
import { userChannel } from '../bus/bus.ts'
import type { UserRow } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import { lockUsers } from '../log/user-rows.ts'
import type { Session } from '../rpc/context.ts'
import { toUser } from './user-shape.ts'

interface Ban {
  userId: string
  until?: Date | undefined
  reason?: string | undefined
}

/**
 * Bans a user from the tenant until a time, or until `unban`. A later call replaces an earlier ban. Live connections end on every
 * node. @throws ChatError NOT_FOUND
 */
export async function banUser(
  services: RoomChangeServices,
  session: Session,
  { userId, until, reason }: Ban,
): Promise<UserBan> {
  if (userId === session.userId) throw invalidInput('userId', 'must be another user')
  const ban = { banned_at: new Date(), banned_until: until ?? null, ban_reason: reason ?? null }
  return changeBan(services, session, { action: 'user.ban', userId, detail: { until, reason } }, ban)
}

/** Lifts a user's ban; does nothing if there is none. @throws ChatError NOT_FOUND */
export function unbanUser(services: RoomChangeServices, session: Session, { userId, reason }: Ban): Promise<UserBan> {
  const noBan = { banned_at: null, banned_until: null, ban_reason: null }
  return changeBan(services, session, { action: 'user.unban', userId, detail: { reason } }, noBan)
}

type BanRow = Pick<UserRow, 'banned_at' | 'banned_until' | 'ban_reason'>

/** Compares everything but the time at which the ban was set. */
const isSameBan = (one: BanRow, other: BanRow): boolean =>
  Boolean(one.banned_at) === Boolean(other.banned_at) &&
  one.banned_until?.getTime() === other.banned_until?.getTime() &&
  one.ban_reason === other.ban_reason

async function changeBan(
  { database, bus }: RoomChangeServices,
  session: Session,
  act: { action: 'user.ban' | 'user.unban'; userId: string; detail: object },
  ban: BanRow,
): Promise<UserBan> {
  const { tenantId } = session
  const user = await transact(database.db, async (tx) => {
    const known = (await lockUsers(tx, tenantId, [act.userId])).get(act.userId)
    if (!known) throw new ChatError('NOT_FOUND')
    if (isSameBan(known, ban)) return known
    await recordAct(tx, session, act)
    return tx
      .updateTable('users')
      .set({ ...ban, version: sql`version + 1` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', act.userId)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
  bus.publish(userChannel(tenantId, act.userId), { type: 'user.changed' })
  return toUserBan(user)
}

const toUserBan = (row: UserRow): UserBan => ({
  // A service sees all.
  ...toUser(row, true),
  bannedAt: row.banned_at,
  bannedUntil: row.banned_until,
  banReason: row.ban_reason,
})
