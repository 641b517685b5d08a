import { z } from 'zod'
import { roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { messageInputs } from './message.ts'
import { paging } from './page.ts'
import { contentText } from './text.ts'

/** `sending` lasts for a moment. `failed` gives the reason in `failureReason`; the message can then get a new time. */
export type ScheduleStatus = 'pending' | 'sending' | 'sent' | 'failed'

/** A message to be sent at a time, if its author may send it then. */
export interface ScheduledMessage {
  id: string
  roomId: string
  /** The `clientId` of the message that it becomes. */
  clientId: string
  content: string
  replyToId: string | null
  threadId: string | null
  mentions: string[]
  mentionsRoom: boolean
  sendAt: Date
  status: ScheduleStatus
  /** A reason of the error table: the error that `message.send` would have raised. */
  failureReason: string | null
  /** The message, once it is sent. */
  messageId: string | null
  createdAt: Date
  updatedAt: Date
}

const scheduleId = z.uuid('a schedule id: a UUID').toLowerCase()
const sendAt = z
  .date()
  .min(new Date(0), 'long past')
  .refine((at) => at.getTime() < Date.now() + LIMITS.scheduleDays * 86_400_000, `within ${LIMITS.scheduleDays} days`)

const { clientId, content, replyToId, threadId, mentions, mentionsRoom } = messageInputs.send.shape

export const scheduleInputs = {
  create: z.strictObject({ roomId, clientId, content, sendAt, replyToId, threadId, mentions, mentionsRoom }),
  list: z.strictObject({ roomId: roomId.optional(), ...paging }).prefault({}),
  update: z.strictObject({
    scheduleId,
    content: contentText.optional(),
    sendAt: sendAt.optional(),
    mentions,
    mentionsRoom,
  }),
  cancel: z.strictObject({ scheduleId }),
}
