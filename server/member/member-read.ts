import type { Member } from '../../shared/member.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { readAccess } from '../access/access.ts'
import { readSnapshot } from '../db/transaction.ts'
import { toMember } from '../log/member-shape.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

/** The room's members, in the order in which they first joined. */
export async function listMembers(
  { database, cursors }: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<Member>> {
  const page = await openPage(cursors, { scope: `member.list/${roomId}`, kinds: ['seq'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    await readAccess(tx, session, roomId)
    const members = tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where('left_at', 'is', null)
    return page.of(await page.select(members, ['seq']).execute(), { key: (row) => [row.seq], item: toMember })
  })
}
