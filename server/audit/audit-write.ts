import type { AuditAction } from '../../shared/audit.ts'
import type { Tx } from '../db/database.ts'
import { uuidv7 } from '../db/uuid.ts'
import type { Session } from '../rpc/context.ts'

interface Act {
  action: AuditAction
  roomId?: string
  /** To whom it is done, or whose it is. */
  userId?: string
  messageId?: string
  /** What else there is to know, as JSON has it; what is undefined is left out. */
  detail?: object
}

/** Writes down what the caller does, in the transaction that does it: neither is there without the other. */
export async function recordAct(
  tx: Tx,
  { tenantId, userId: actorId }: Pick<Session, 'tenantId' | 'userId'>,
  { action, roomId, userId, messageId, detail = {} }: Act,
): Promise<void> {
  await tx
    .insertInto('audit_log')
    .values({
      tenant_id: tenantId,
      id: uuidv7(),
      actor_id: actorId,
      action,
      room_id: roomId ?? null,
      user_id: userId ?? null,
      message_id: messageId ?? null,
      detail: JSON.stringify(detail),
    })
    .execute()
}
