import { sql } from 'kysely'
import type { z } from 'zod'
import type { Page } from '../../shared/page.ts'
import type { ScheduledMessage, scheduleInputs } from '../../shared/schedule.ts'
import { readAccess } from '../access/access.ts'
import type { Services, Session } from '../rpc/context.ts'
import { toScheduledMessage } from './schedule-shape.ts'

/** What the caller has scheduled and what failed, in the order of time; not what was sent. */
export async function listSchedules(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { roomId, cursor, limit }: z.output<typeof scheduleInputs.list>,
): Promise<Page<ScheduledMessage>> {
  const { tenantId, userId } = session
  const scope = `schedule.list/${JSON.stringify([tenantId, userId, roomId])}`
  const from = await cursors.decode(scope, cursor, ['time', 'uuid'])
  let page = database.db
    .selectFrom('scheduled_messages')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .where('status', '!=', 'sent')
    .orderBy('send_at')
    .orderBy('id')
    .limit(limit + 1)
  if (roomId !== undefined) page = page.where('room_id', '=', roomId)
  if (from) page = page.where(sql<boolean>`(send_at, id) > (${new Date(from[0])}, ${from[1]}::uuid)`)
  const rows = await page.execute()
  // Who was removed sees what failed for it; who has nothing there learns whether there is such a room.
  if (roomId !== undefined && rows.length === 0) await readAccess(database.db, session, roomId)
  const items = rows.slice(0, limit).map(toScheduledMessage)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, nextCursor: last ? cursors.encode(scope, [last.sendAt.getTime(), last.id]) : null }
}
