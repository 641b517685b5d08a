import { z } from 'zod'
import { messageId, reportId, roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { Attachment } from './message.ts'
import { paging } from './page.ts'
import { proseText } from './text.ts'

/** Why a message is reported. `filter` means that a word filter flagged it. */
export type ReportReason = 'spam' | 'harassment' | 'hate' | 'violence' | 'sexual' | 'illegal' | 'other' | 'filter'
/** The action that resolved a report. */
export type ReportAction = 'dismiss' | 'deleteMessage' | 'removeMember' | 'banMember'
export type ReportStatus = 'open' | 'resolved'

export const REPORT_ACTIONS = ['dismiss', 'deleteMessage', 'removeMember', 'banMember'] as const
const REASONS_OF_USERS = ['spam', 'harassment', 'hate', 'violence', 'sexual', 'illegal', 'other'] as const

/** A message that a user or a word filter has reported. */
export interface Report {
  id: string
  roomId: string
  messageId: string
  /** The message's author. */
  senderId: string
  /** Null for a report by a word filter. */
  reporterId: string | null
  reason: ReportReason
  text: string | null
  /** The message's text at the time of the report. Later changes do not affect it. */
  content: string
  attachments: Attachment[]
  createdAt: Date
  status: ReportStatus
  action: ReportAction | null
  /** Null for the reporter: only moderators see it. */
  note: string | null
  /** Also null for the reporter. */
  resolvedBy: string | null
  resolvedAt: Date | null
}

export const reportInputs = {
  create: z.strictObject({
    roomId,
    messageId,
    reason: z.enum(REASONS_OF_USERS),
    text: proseText(LIMITS.reason).optional(),
  }),
  /** Without a room: the whole tenant, for a service. */
  list: z.strictObject({ roomId: roomId.optional(), status: z.enum(['open', 'resolved']).optional(), ...paging }),
  resolve: z.strictObject({
    reportId,
    roomId: roomId.optional(),
    action: z.enum(REPORT_ACTIONS),
    note: proseText(LIMITS.reason).optional(),
  }),
}
