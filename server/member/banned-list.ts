import type { NotNull } from 'kysely'
import type { BannedMember } from '../../shared/member.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { assertMay, readAccess } from '../access/access.ts'
import { hasEnd, isBanned } from '../access/ban.ts'
import type { MemberRow } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMember } from '../log/member-shape.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

/** The currently banned users, latest ban first; for moderators. */
export async function listBanned(
  { database, cursors }: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<BannedMember>> {
  const page = await openPage(cursors, { scope: `member.banned/${roomId}`, kinds: ['time', 'text'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    assertMay(await readAccess(tx, session, roomId), 'member.ban')
    const banned = tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where(isBanned)
      .where('banned_at', 'is not', null)
      .where('banned_by', 'is not', null)
      .$narrowType<{ banned_at: NotNull; banned_by: NotNull; banned_until: NotNull }>()
    const rows = await page.select(banned, ['banned_at', 'user_id'], 'desc').execute()
    return page.of(rows, { key: (row) => [row.banned_at, row.user_id], item: toBanned })
  })
}

type BannedRow = MemberRow & { banned_at: Date; banned_by: string; banned_until: Date }

const toBanned = (row: BannedRow): BannedMember => ({
  member: toMember(row),
  bannedAt: row.banned_at,
  bannedUntil: hasEnd(row.banned_until) ? row.banned_until : null,
  bannedBy: row.banned_by,
  reason: row.ban_reason,
})
