import type { z } from 'zod'
import type { Report, reportInputs } from '../../shared/report.ts'
import { transact } from '../db/transaction.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError } from '../errors/chat-error.ts'
import { readMessage } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { toOwnReport } from './report-shape.ts'

/**
 * Reports a message to the moderators in its current state. If the user has reported it before, returns that report.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, MESSAGE_DELETED
 */
export function createReport(
  services: Pick<Services, 'database'>,
  session: Session,
  { roomId, messageId, reason, text }: z.output<typeof reportInputs.create>,
): Promise<Report> {
  const { tenantId, userId } = session
  return transact(services.database.db, async (tx) => {
    const message = await readMessage(tx, session, roomId, messageId)
    const find = () =>
      tx
        .selectFrom('reports')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('room_id', '=', roomId)
        .where('message_id', '=', messageId)
        .where('reporter_id', '=', userId)
        .executeTakeFirst()
    const earlier = await find()
    if (earlier) return toOwnReport(earlier)
    if (message.deletedAt) throw new ChatError('MESSAGE_DELETED')
    const made = await tx
      .insertInto('reports')
      .values({
        tenant_id: tenantId,
        id: uuidv7(),
        room_id: roomId,
        message_id: messageId,
        sender_id: message.senderId,
        reporter_id: userId,
        reason,
        text: text ?? null,
        content: message.content,
        attachments: JSON.stringify(message.attachments),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    // A concurrent call by the same user was faster.
    const report = made ?? (await find())
    if (!report) throw new ChatError('NOT_FOUND')
    return toOwnReport(report)
  })
}
