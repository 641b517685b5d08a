import { sql } from 'kysely'
import { z } from 'zod'
import { CHAT_ERRORS } from '../../shared/errors.ts'
import type { Message } from '../../shared/message.ts'
import type { Database } from '../db/database.ts'
import type { ScheduledMessageRow } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { addSendJob } from './schedule-shape.ts'

/** Sends as this user, if they currently exist and are not banned. */
export type SendAs = (row: ScheduledMessageRow) => Promise<Message>

/** A message whose job died with its server is requested again after this time. */
const OVERDUE = sql<Date>`clock_timestamp() - interval '60 seconds'`
const KEPT = sql<Date>`clock_timestamp() - interval '30 days'`
const AT_A_TIME = 500

const payloadShape = z.object({ tenantId: z.string(), scheduleId: z.uuid() })

/**
 * Sends due messages. Claim, send, mark: the send uses the schedule's clientId, so a repeat after a crash returns the existing
 * message and nothing is sent twice. A claimed message can be neither changed nor cancelled.
 */
export class ScheduleSender {
  readonly #database: Database
  readonly #sendAs: SendAs

  constructor(database: Database, sendAs: SendAs) {
    this.#database = database
    this.#sendAs = sendAs
  }

  /** Runs the job. Temporary failures are thrown and tried again. */
  async run(payload: unknown): Promise<void> {
    const { tenantId, scheduleId } = payloadShape.parse(payload)
    const row = await this.#claim(tenantId, scheduleId)
    if (!row) return
    try {
      const { id } = await this.#sendAs(row)
      await this.#settle(row, { status: 'sent', message_id: id, failure_reason: null })
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      if (error.reason === 'SLOW_MODE') return this.#wait(row, error.retryAfterMs ?? 1_000)
      if (mayPass(error)) throw error
      await this.#settle(row, { status: 'failed', failure_reason: error.reason })
    }
  }

  /** Requests overdue messages again, and deletes those that were sent long ago. */
  async reconcile(): Promise<void> {
    const { db } = this.#database
    await transact(db, async (tx) => {
      const overdue = await tx
        .selectFrom('scheduled_messages')
        .selectAll()
        .where('status', 'in', ['pending', 'sending'])
        .where('send_at', '<', OVERDUE)
        .where('updated_at', '<', OVERDUE)
        .limit(AT_A_TIME)
        .forUpdate()
        .skipLocked()
        .execute()
      for (const row of overdue) {
        await addSendJob(tx, row, new Date())
        await tx
          .updateTable('scheduled_messages')
          .set({ updated_at: new Date() })
          .where('tenant_id', '=', row.tenant_id)
          .where('id', '=', row.id)
          .execute()
      }
    })
    await sql`
      delete from scheduled_messages where (tenant_id, id) in (
        select tenant_id, id from scheduled_messages
        where status = 'sent' and send_at < ${KEPT} and updated_at < ${KEPT} limit ${AT_A_TIME}
      )`.execute(db)
  }

  /** Undefined if it was cancelled, sent or postponed. */
  async #claim(tenantId: string, scheduleId: string): Promise<ScheduledMessageRow | undefined> {
    return this.#database.db
      .updateTable('scheduled_messages')
      .set({ status: 'sending', updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', scheduleId)
      .where('status', 'in', ['pending', 'sending'])
      .where('send_at', '<=', sql<Date>`clock_timestamp()`)
      .returningAll()
      .executeTakeFirst()
  }

  async #settle(
    row: ScheduledMessageRow,
    outcome: Pick<ScheduledMessageRow, 'status' | 'failure_reason'> & { message_id?: string },
  ): Promise<void> {
    await this.#database.db
      .updateTable('scheduled_messages')
      .set({ ...outcome, updated_at: new Date() })
      .where('tenant_id', '=', row.tenant_id)
      .where('id', '=', row.id)
      .where('status', '=', 'sending')
      .execute()
  }

  /** Slow mode postpones the message until it may be sent. */
  async #wait(row: ScheduledMessageRow, ms: number): Promise<void> {
    await transact(this.#database.db, async (tx) => {
      await tx
        .updateTable('scheduled_messages')
        .set({ status: 'pending', updated_at: new Date() })
        .where('tenant_id', '=', row.tenant_id)
        .where('id', '=', row.id)
        .where('status', '=', 'sending')
        .execute()
      await addSendJob(tx, row, new Date(Date.now() + ms))
    })
  }
}

/** Failures that neither the caller nor the room caused: overload, or a database that is away. */
const mayPass = ({ reason }: ChatError): boolean => CHAT_ERRORS[reason].retry === 'wait' && reason !== 'MUTED'
