import type { ScheduledMessage } from '../../shared/schedule.ts'
import type { ScheduledMessageRow, Tx } from '../db/schema.ts'
import { addJob, removeJob } from '../jobs/job-queue.ts'

export const SEND_SCHEDULED = 'send-scheduled'

type ScheduleKey = Pick<ScheduledMessageRow, 'tenant_id' | 'id'>

const jobKey = ({ tenant_id, id }: ScheduleKey): string => `${SEND_SCHEDULED}/${tenant_id}/${id}`

/** Requests that the message be sent at that time; replaces an earlier request. */
export const addSendJob = (tx: Tx, { tenant_id, id }: ScheduleKey, runAt: Date): Promise<void> =>
  addJob(tx, {
    task: SEND_SCHEDULED,
    payload: { tenantId: tenant_id, scheduleId: id },
    runAt,
    key: jobKey({ tenant_id, id }),
  })

export const removeSendJob = (tx: Tx, key: ScheduleKey): Promise<void> => removeJob(tx, jobKey(key))

export const toScheduledMessage = (row: ScheduledMessageRow): ScheduledMessage => ({
  id: row.id,
  roomId: row.room_id,
  clientId: row.client_id,
  content: row.content,
  replyToId: row.reply_to_id,
  threadId: row.thread_id,
  mentions: row.mentions,
  mentionsRoom: row.mentions_room,
  sendAt: row.send_at,
  status: row.status,
  failureReason: row.failure_reason,
  messageId: row.message_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
