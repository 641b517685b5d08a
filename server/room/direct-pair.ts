import type { Db, Tx } from '../db/schema.ts'

interface Pair {
  tenantId: string
  userId: string
  peerId: string
}

/** The direct room of two users, if any, and whether the second one has blocked the first one there. */
export async function findDirect(
  db: Db | Tx,
  { tenantId, userId, peerId }: Pair,
): Promise<{ id: string; isBlocked: boolean } | undefined> {
  const [low, high] = inOrder(userId, peerId)
  const room = await db
    .selectFrom('rooms')
    .leftJoin('members', (join) =>
      join
        .onRef('members.tenant_id', '=', 'rooms.tenant_id')
        .onRef('members.room_id', '=', 'rooms.id')
        .on('members.user_id', '=', userId),
    )
    .select(['rooms.id', 'members.blocked_at'])
    .where('rooms.tenant_id', '=', tenantId)
    .where('rooms.direct_low', '=', low)
    .where('rooms.direct_high', '=', high)
    .where('rooms.deleted_at', 'is', null)
    .executeTakeFirst()
  return room && { id: room.id, isBlocked: room.blocked_at !== null }
}

/** The pair in database order: by code point, which is byte order in UTF-8, so that `a < b` holds in the database too. */
export function inOrder(one: string, other: string): [string, string] {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0 ? [one, other] : [other, one]
}

/** The blocks between these two users. */
export const blocksBetween = (tx: Tx, tenantId: string, userIds: string[]) =>
  tx
    .selectFrom('user_blocks')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('user_id', 'in', userIds)
    .where('blocked_id', 'in', userIds)
    .execute()
