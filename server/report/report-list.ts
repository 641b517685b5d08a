import { sql } from 'kysely'
import type { Page, Paging } from '../../shared/page.ts'
import type { Report, ReportStatus } from '../../shared/report.ts'
import { assertMayModerate } from '../access/access.ts'
import type { Db, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { toReport } from './report-shape.ts'

interface ListInput extends Paging {
  roomId?: string | undefined
  status?: ReportStatus | undefined
}

/** The tenant's reports, except those in deleted rooms and those of flagged messages that were never written. */
export const selectReports = (db: Db | Tx, tenantId: string) =>
  db
    .selectFrom('reports')
    .selectAll('reports')
    .where('reports.tenant_id', '=', tenantId)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('rooms')
          .select(sql`1`.as('is_there'))
          .whereRef('rooms.tenant_id', '=', 'reports.tenant_id')
          .whereRef('rooms.id', '=', 'reports.room_id')
          .where('rooms.deleted_at', 'is', null),
      ),
    )
    .where(({ eb, or, exists, selectFrom }) =>
      or([
        eb('reports.reporter_id', 'is not', null),
        exists(
          selectFrom('messages')
            .select(sql`1`.as('is_there'))
            .whereRef('messages.tenant_id', '=', 'reports.tenant_id')
            .whereRef('messages.room_id', '=', 'reports.room_id')
            .whereRef('messages.id', '=', 'reports.message_id'),
        ),
      ]),
    )

/** Whether the reported message is visible from this seq on. Looks up a complete key. */
const isOfMessageFrom = (visibleFromSeq: number) => sql<boolean>`
  exists (
    select from messages
    where messages.tenant_id = reports.tenant_id and messages.room_id = reports.room_id and messages.id = reports.message_id
      and messages.seq >= ${visibleFromSeq}
  )`

/**
 * The reports of a room, for its moderators, or without a room those of the tenant, for a service. Latest first. A report shows
 * the content of its message: a moderator who can't see history from before joining does not see its reports either.
 */
export async function listReports(
  services: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  input: ListInput,
): Promise<Page<Report>> {
  const { roomId, status } = input
  const scope = `report.list/${session.tenantId}/${roomId ?? ''}/${status ?? ''}`
  const page = await openPage(services.cursors, { scope, kinds: ['uuid'] }, input)
  return readSnapshot(services.database.db, async (tx) => {
    const access = await assertMayModerate(tx, session, roomId, 'report.resolve')
    let reports = selectReports(tx, session.tenantId)
    if (roomId !== undefined) reports = reports.where('reports.room_id', '=', roomId)
    const visibleFromSeq = access?.member?.visible_from_seq ?? 0
    if (visibleFromSeq > 0) reports = reports.where(isOfMessageFrom(visibleFromSeq))
    if (status !== undefined) reports = reports.where('reports.resolved_at', status === 'open' ? 'is' : 'is not', null)
    const rows = await page.select(reports, ['reports.id'], 'desc').execute()
    return page.of(rows, { key: (row) => [row.id], item: toReport })
  })
}
