import type { AuditAction } from '../../shared/audit.ts'
import type { Tx } from '../db/schema.ts'
import { uuidv7 } from '../db/uuid.ts'
import type { Session } from '../rpc/context.ts'
import { storedAction } from './audit-action.ts'

export interface Act {
  action: AuditAction
  roomId?: string
  /** To whom it is done, or whose it is. */
  userId?: string
  messageId?: string
  /** What else there is to know, as JSON has it; what is undefined is left out. */
  detail?: object
}

type Actor = Pick<Session, 'tenantId' | 'userId'>

/** Rows of one statement, whose parameters Postgres counts in 16 bits. */
const AT_ONCE = 500

/** Writes down what the caller does, in the transaction that does it: neither is there without the other. */
export const recordAct = (tx: Tx, session: Actor, act: Act): Promise<void> => recordActs(tx, session, [act])

/** The same of several acts, told in this order. */
export async function recordActs(tx: Tx, { tenantId, userId: actorId }: Actor, acts: Act[]): Promise<void> {
  for (let from = 0; from < acts.length; from += AT_ONCE) {
    await tx
      .insertInto('audit_log')
      .values(
        acts.slice(from, from + AT_ONCE).map(({ action, roomId, userId, messageId, detail = {} }) => ({
          tenant_id: tenantId,
          id: uuidv7(),
          actor_id: actorId,
          action: storedAction(action),
          room_id: roomId ?? null,
          user_id: userId ?? null,
          message_id: messageId ?? null,
          detail: JSON.stringify(detail),
        })),
      )
      .execute()
  }
}
