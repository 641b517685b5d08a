import { type Selectable, sql } from 'kysely'
import type { AuditAction, AuditEntry } from '../../shared/audit.ts'
import type { Page, Paging } from '../../shared/page.ts'
import { assertMayModerate } from '../access/access.ts'
import type { AuditLogTable } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { auditAction, storedAction } from './audit-action.ts'

interface ListInput extends Paging {
  roomId?: string | undefined
  actorId?: string | undefined
  action?: AuditAction | undefined
}

/** The acts in a room, for its admins, or without a room those in the whole tenant, for a service. Latest first. */
export async function listAudit(
  services: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  input: ListInput,
): Promise<Page<AuditEntry>> {
  const { roomId, actorId, action } = input
  const scope = `audit.list/${session.tenantId}/${roomId ?? ''}/${action ?? ''}/${actorId ?? ''}`
  const page = await openPage(services.cursors, { scope, kinds: ['micros', 'uuid'] }, input)
  return readSnapshot(services.database.db, async (tx) => {
    await assertMayModerate(tx, session, roomId, 'audit.list')
    let acts = tx
      .selectFrom('audit_log')
      .selectAll()
      // Microseconds keep the acts of one transaction in order.
      .select(sql<number>`(extract(epoch from at) * 1000000)::bigint`.as('micros'))
      .where('tenant_id', '=', session.tenantId)
    if (roomId !== undefined) acts = acts.where('room_id', '=', roomId)
    if (actorId !== undefined) acts = acts.where('actor_id', '=', actorId)
    if (action !== undefined) acts = acts.where('action', '=', storedAction(action))
    const rows = await page.select(acts, ['at', 'id'], 'desc').execute()
    return page.of(rows, { key: (row) => [row.micros, row.id], item: toAuditEntry })
  })
}

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
