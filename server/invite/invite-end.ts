import { sql } from 'kysely'
import { type Act, recordActs } from '../audit/audit-write.ts'
import type { InviteRow, Tx } from '../db/schema.ts'
import type { RoomChange } from '../log/room-change.ts'
import type { Session } from '../rpc/context.ts'

/**
 * Revokes the invites of a user who may no longer invite because they left, were removed or banned, or have a lower role now.
 * Neither they nor anybody else can join by them again. Invites that are already invalid stay unchanged. Each revocation is in
 * the audit log as an act of the caller.
 */
export async function endInvites({ tx, room }: RoomChange, session: Session, userId: string): Promise<void> {
  const good = await tx
    .selectFrom('invites')
    .selectAll()
    .where('tenant_id', '=', room.tenant_id)
    .where('room_id', '=', room.id)
    .where('created_by', '=', userId)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`clock_timestamp()`)]))
    .where((eb) => eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses'))]))
    .orderBy('id')
    .execute()
  await revoke(tx, session, good)
}

/** Revokes and records these invites of one room, under its lock. Returns their new state. */
export async function revoke(tx: Tx, session: Session, invites: InviteRow[]): Promise<InviteRow[]> {
  const [first] = invites
  if (!first) return []
  const ids = invites.map(({ id }) => id)
  const acts = invites.map(
    ({ id: inviteId, room_id: roomId, created_by: userId }): Act => ({
      action: 'invite.revoke',
      roomId,
      userId,
      detail: { inviteId },
    }),
  )
  await recordActs(tx, session, acts)
  return tx
    .updateTable('invites')
    .set({ revoked_at: new Date() })
    .where('tenant_id', '=', first.tenant_id)
    .where('room_id', '=', first.room_id)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .returningAll()
    .execute()
}
