import type { z } from 'zod'
import type { Page } from '../../shared/page.ts'
import type { ScheduledMessage, scheduleInputs } from '../../shared/schedule.ts'
import { readAccess } from '../access/access.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { toScheduledMessage } from './schedule-shape.ts'

/** What the caller has scheduled and what failed, in the order of time; not what was sent. */
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
  // Who was removed sees what failed for it; who has nothing there learns whether there is such a room.
  if (roomId !== undefined && rows.length === 0) await readAccess(database.db, session, roomId)
  return page.of(rows, { key: (row) => [row.send_at, row.id], item: toScheduledMessage })
}
