import type { z } from 'zod'
import type { Report, reportInputs } from '../../shared/report.ts'
import { accessOf, assertMay } from '../access/access.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { ReportRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { assertNotDirect, type LockedMembers } from '../log/authorized-change.ts'
import { changeRoom, type RoomChangeServices } from '../log/room-change.ts'
import { ban } from '../member/member-ban.ts'
import { remove } from '../member/member-change.ts'
import { authorsOf, type FoundMessage, findWithRoot, withAuthors } from '../message/message-change.ts'
import { clearReactions, eraseMessage } from '../message/message-delete.ts'
import type { Session } from '../rpc/context.ts'
import { selectReports } from './report-list.ts'
import { toReport } from './report-shape.ts'

type ResolveInput = z.output<typeof reportInputs.resolve>

/**
 * Resolves a report and applies its action, both or neither, with the rights of the caller. If two callers resolve it at once,
 * the second one gets REPORT_RESOLVED. @throws ChatError NOT_FOUND, FORBIDDEN, REPORT_RESOLVED, and as the action itself
 */
export async function resolveReport(
  services: RoomChangeServices,
  session: Session,
  input: ResolveInput,
): Promise<Report> {
  const { tenantId, userId } = session
  const found = await selectReports(services.database.db, tenantId)
    .where('reports.id', '=', input.reportId)
    .executeTakeFirst()
  if (!found || (input.roomId ?? found.room_id) !== found.room_id) throw new ChatError('NOT_FOUND')
  const { room_id: roomId, sender_id: senderId } = found
  const report = await changeRoom(services, { tenantId, roomId }, async (change) => {
    const message = await findWithRoot(change, found.message_id)
    const members = await change.lockMembers([userId, senderId, ...authorsOf(message)])
    const access = accessOf(session, change.room, members.get(userId))
    assertMay(access, 'report.resolve')
    // Like the list, hides messages from before the caller could see the room: the result would show the content.
    const visibleFromSeq = access.member?.visible_from_seq ?? 0
    if (visibleFromSeq > 0 && (message.row?.seq ?? 0) < visibleFromSeq) throw new ChatError('NOT_FOUND')
    // Only holders of the room's lock resolve reports.
    const resolved = await change.tx
      .updateTable('reports')
      .set({ resolved_at: new Date(), resolved_by: userId, action: input.action, note: input.note ?? null })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', input.reportId)
      .where('resolved_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    if (!resolved) throw new ChatError('REPORT_RESOLVED')
    await apply({ change, access, members }, session, input, { report: resolved, message })
    const { id: reportId, message_id: messageId } = resolved
    const detail = { reportId, action: input.action, note: input.note }
    await recordAct(change.tx, session, { action: 'report.resolve', roomId, userId: senderId, messageId, detail })
    return toReport(resolved)
  })
  if (input.action === 'deleteMessage') await clearReactions(services, tenantId, report)
  return report
}

/** Skips an action that has already been taken in another way. */
async function apply(
  locked: LockedMembers,
  session: Session,
  { action, note: reason }: ResolveInput,
  { report, message }: { report: ReportRow; message: FoundMessage },
): Promise<void> {
  const sender = locked.members.get(report.sender_id)
  if (!sender || action === 'dismiss') return
  if (action === 'deleteMessage') return eraseReported(locked, session, message)
  assertNotDirect(locked.change)
  if (action === 'banMember') await ban(locked, session, { userId: sender.user_id, reason })
  else if (!sender.left_at) await remove(locked, session, { userId: sender.user_id, reason })
}

async function eraseReported(
  { change, access, members }: LockedMembers,
  session: Session,
  message: FoundMessage,
): Promise<void> {
  const authored = withAuthors(message, members)
  if (authored) await eraseMessage(session, { change, access, ...authored })
}
