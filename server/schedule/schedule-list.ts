import type { z } from 'zod'
import type { Page } from '../../shared/page.ts'
import type { ScheduledMessage, scheduleInputs } from '../../shared/schedule.ts'
import { readAccess } from '../access/access.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { toScheduledMessage } from './schedule-shape.ts'

/** The caller's pending and failed messages in the order of time, without those that were sent. */
export async function listSchedules(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { roomId, ...paging }: z.output<typeof scheduleInputs.list>,
): Promise<Page<ScheduledMessage>> {
  const { tenantId, userId } = session
  const scope = `schedule.list/${JSON.stringify([tenantId, userId, roomId])}`
  const page = await openPage(cursors, { scope, kinds: ['time', 'uuid'] }, paging)
  let schedules = database.db
    .selectFrom('scheduled_messages')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('status', '!=', 'sent')
  if (roomId !== undefined) schedules = schedules.where('room_id', '=', roomId)
  const rows = await page.select(schedules, ['send_at', 'id']).execute()
  // A removed member still sees failed messages. A caller with none learns whether the room exists.
  if (roomId !== undefined && rows.length === 0) await readAccess(database.db, session, roomId)
  return page.of(rows, { key: (row) => [row.send_at, row.id], item: toScheduledMessage })
}
