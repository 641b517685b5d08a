import { type Selectable, sql } from 'kysely'
import type { AuditAction, AuditEntry } from '../../shared/audit.ts'
import type { Page } from '../../shared/page.ts'
import { assertMayModerate } from '../access/access.ts'
import type { AuditLogTable } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import type { Services, Session } from '../rpc/context.ts'
import { auditAction, storedAction } from './audit-action.ts'

interface ListInput {
  roomId?: string | undefined
  actorId?: string | undefined
  action?: AuditAction | undefined
  cursor?: string | undefined
  limit: number
}

/** What was done in a room, for its admins; without a room in the whole tenant, for a service. Latest first. */
export async function listAudit(
  services: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  input: ListInput,
): Promise<Page<AuditEntry>> {
  const { roomId, actorId, action, limit } = input
  const scope = `audit.list/${session.tenantId}/${roomId ?? ''}/${action ?? ''}/${actorId ?? ''}`
  const before = await services.cursors.decode(scope, input.cursor, ['seq', 'uuid'])
  return readSnapshot(services.database.db, async (tx) => {
    await assertMayModerate(tx, session, roomId, 'audit.list')
    let page = tx
      .selectFrom('audit_log')
      .selectAll()
      // To the microsecond: what one transaction does is told in its order.
      .select(sql<number>`(extract(epoch from at) * 1000000)::bigint`.as('micros'))
      .where('tenant_id', '=', session.tenantId)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
    if (roomId !== undefined) page = page.where('room_id', '=', roomId)
    if (actorId !== undefined) page = page.where('actor_id', '=', actorId)
    if (action !== undefined) page = page.where('action', '=', storedAction(action))
    if (before) page = page.where(isBefore(...before))
    const rows = await page.execute()
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toAuditEntry),
      nextCursor: last ? services.cursors.encode(scope, [last.micros, last.id]) : null,
    }
  })
}

const isBefore = (micros: number, id: string) =>
  sql<boolean>`(at, id) < (timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${id}::uuid)`

const toAuditEntry = (row: Selectable<AuditLogTable>): AuditEntry => ({
  id: row.id,
  at: row.at,
  actorId: row.actor_id,
  action: auditAction(row.action),
  roomId: row.room_id,
  userId: row.user_id,
  messageId: row.message_id,
  detail: row.detail,
})
