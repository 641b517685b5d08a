import { type Expression, type SqlBool, sql } from 'kysely'
import type { Page, RoomPaging } from '../../shared/page.ts'
import type { Receipt } from '../../shared/receipt.ts'
import { readAccess } from '../access/access.ts'
import type { Db, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import type { RoomKey } from '../lib/keys.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

/**
 * Whether a row of `members` belongs to a user who shares their receipts, according to their preferences. Everything that shows
 * receipts uses this condition.
 */
const sharesReceipts: Expression<SqlBool> = sql<SqlBool>`not exists (
  select from preferences
  where preferences.tenant_id = members.tenant_id and preferences.user_id = members.user_id and preferences.hides_receipts
)`

/** The receipts of current members who share them. */
const selectReceipts = (db: Db | Tx, { tenantId, roomId }: RoomKey) =>
  db
    .selectFrom('members')
    .select(['user_id', 'read_at', 'seq'])
    // Marking messages as unread does not undo having read them.
    .select(sql<number>`greatest(read_seq, seen_seq)`.as('read_seq'))
    // A message that was read was delivered.
    .select(sql<number>`greatest(delivered_seq, read_seq, seen_seq)`.as('delivered_seq'))
    .where('tenant_id', '=', tenantId)
    .where('room_id', '=', roomId)
    .where('left_at', 'is', null)
    .where(sharesReceipts)

type ReceiptRow = Awaited<ReturnType<ReturnType<typeof selectReceipts>['execute']>>[number]

const toReceipt = (row: ReceiptRow): Receipt => ({
  userId: row.user_id,
  readSeq: row.read_seq,
  deliveredSeq: row.delivered_seq,
  readAt: row.read_at,
})

/** A page of the receipts, in the order in which members first joined. */
export async function listReceipts(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<Receipt>> {
  const page = await openPage(cursors, { scope: `receipt.list/${roomId}`, kinds: ['seq'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    await readAccess(tx, session, roomId)
    const receipts = selectReceipts(tx, { tenantId: session.tenantId, roomId })
    return page.of(await page.select(receipts, ['seq']).execute(), { key: (row) => [row.seq], item: toReceipt })
  })
}

/** All receipts of a room that is not large. */
export async function readReceipts(db: Db, room: RoomKey): Promise<Receipt[]> {
  const rows = await selectReceipts(db, room).orderBy('seq').execute()
  return rows.map(toReceipt)
}

/** The receipts of these users. */
export async function readReceiptsOf(db: Db, room: RoomKey, userIds: string[]): Promise<Receipt[]> {
  const rows = await selectReceipts(db, room).where('user_id', 'in', userIds).execute()
  return rows.map(toReceipt)
}
