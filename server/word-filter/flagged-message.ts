import { sql } from 'kysely'
import type { Db, Tx } from '../db/schema.ts'
import { uuidv7 } from '../db/uuid.ts'

interface FlaggedMessage {
  tenantId: string
  roomId: string
  senderId: string
  /** The message's id. */
  id: string
  content: string
}

/**
 * Reports a message that a word filter flags, once while the report is open. The report may be written before the message, so
 * that no flagged message ever lacks one; nobody sees it until the message exists. Does nothing for a sender who never was in the
 * room.
 */
export async function reportFlagged(
  db: Db | Tx,
  { tenantId, roomId, senderId, id, content }: FlaggedMessage,
): Promise<void> {
  await db
    .insertInto('reports')
    .columns(['tenant_id', 'id', 'room_id', 'message_id', 'sender_id', 'reason', 'content'])
    .expression((eb) =>
      eb
        .selectFrom('members')
        .select([
          'tenant_id',
          sql<string>`${uuidv7()}::uuid`.as('id'),
          'room_id',
          sql<string>`${id}::uuid`.as('message_id'),
          'user_id',
          sql<'filter'>`'filter'`.as('reason'),
          sql<string>`${content}::text`.as('content'),
        ])
        .where('tenant_id', '=', tenantId)
        .where('room_id', '=', roomId)
        .where('user_id', '=', senderId),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Withdraws the report of a message that was not written after all. */
export async function withdrawFlagged(db: Db, { tenantId, roomId, id }: FlaggedMessage): Promise<void> {
  await db
    .deleteFrom('reports')
    .where('tenant_id', '=', tenantId)
    .where('room_id', '=', roomId)
    .where('message_id', '=', id)
    .where('reporter_id', 'is', null)
    .where('resolved_at', 'is', null)
    .execute()
}
