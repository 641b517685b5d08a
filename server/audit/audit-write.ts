import type { AuditAction } from '../../shared/audit.ts'
import type { Tx } from '../db/schema.ts'
import { uuidv7 } from '../db/uuid.ts'
import type { Session } from '../rpc/context.ts'
import { storedAction } from './audit-action.ts'

export interface Act {
  action: AuditAction
  roomId?: string
  /** The user whom the act affects. */
  userId?: string
  messageId?: string
  /** Further details as JSON; undefined values are left out. */
  detail?: object
}

type Actor = Pick<Session, 'tenantId' | 'userId'>

/** Rows per statement: Postgres counts a statement's parameters in 16 bits. */
const AT_ONCE = 500

/** Records an act of the caller within the transaction that performs it, so that neither exists without the other. */
export const recordAct = (tx: Tx, session: Actor, act: Act): Promise<void> => recordActs(tx, session, [act])

/** Records several acts, in this order. */
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
