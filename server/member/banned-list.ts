import { sql } from 'kysely'
import type { BannedMember } from '../../shared/member.ts'
import type { Page } from '../../shared/page.ts'
import { assertMay, readAccess } from '../access/access.ts'
import { hasEnd, isBanned } from '../access/ban.ts'
import type { MemberRow } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMember } from '../log/member-shape.ts'
import type { Services, Session } from '../rpc/context.ts'

interface ListInput {
  roomId: string
  cursor?: string | undefined
  limit: number
}

/** Who may not come in at the moment, latest ban first; for moderators. */
export async function listBanned(
  services: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  { roomId, cursor, limit }: ListInput,
): Promise<Page<BannedMember>> {
  const scope = `member.banned/${roomId}`
  const from = await services.cursors.decode(scope, cursor, ['time', 'text'])
  return readSnapshot(services.database.db, async (tx) => {
    assertMay(await readAccess(tx, session, roomId), 'member.ban')
    const page = tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where(isBanned)
      .orderBy('banned_at', 'desc')
      .orderBy('user_id', 'desc')
      .limit(limit + 1)
    const isAfter = from && sql<boolean>`(banned_at, user_id) < (${new Date(from[0])}, ${from[1]})`
    const rows = await (isAfter ? page.where(isAfter) : page).execute()
    const items = rows.slice(0, limit).flatMap(toBanned)
    const last = rows.length > limit ? items.at(-1) : undefined
    return {
      items,
      nextCursor: last ? services.cursors.encode(scope, [last.bannedAt.getTime(), last.member.userId]) : null,
    }
  })
}

function toBanned(row: MemberRow): BannedMember[] {
  const { banned_at: bannedAt, banned_until: until, banned_by: bannedBy, ban_reason: reason } = row
  if (!bannedAt || !until || bannedBy === null) return []
  return [{ member: toMember(row), bannedAt, bannedUntil: hasEnd(until) ? until : null, bannedBy, reason }]
}
