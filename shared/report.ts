import { z } from 'zod'
import { messageId, reportId, roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { Attachment } from './message.ts'
import { paging } from './page.ts'
import { proseText } from './text.ts'

/** Why a message is reported; `filter` is what a word filter says that flags. */
export type ReportReason = 'spam' | 'harassment' | 'hate' | 'violence' | 'sexual' | 'illegal' | 'other' | 'filter'
/** What was done about a report. */
export type ReportAction = 'dismiss' | 'deleteMessage' | 'removeMember' | 'banMember'
export type ReportStatus = 'open' | 'resolved'

export const REPORT_ACTIONS = ['dismiss', 'deleteMessage', 'removeMember', 'banMember'] as const
const REASONS_OF_USERS = ['spam', 'harassment', 'hate', 'violence', 'sexual', 'illegal', 'other'] as const

/** A message that somebody thinks should be looked at. */
export interface Report {
  id: string
  roomId: string
  messageId: string
  /** Who wrote the message. */
  senderId: string
  /** Null where a word filter reports. */
  reporterId: string | null
  reason: ReportReason
  text: string | null
  /** What the message said when it was reported, whatever becomes of it. */
  content: string
  attachments: Attachment[]
  createdAt: Date
  status: ReportStatus
  action: ReportAction | null
  /** Null for the reporter: moderators' own. */
  note: string | null
  /** Null for the reporter as well. */
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
  /** Without a room: all of the tenant, for a service. */
  list: z.strictObject({ roomId: roomId.optional(), status: z.enum(['open', 'resolved']).optional(), ...paging }),
  resolve: z.strictObject({
    reportId,
    roomId: roomId.optional(),
    action: z.enum(REPORT_ACTIONS),
    note: proseText(LIMITS.reason).optional(),
  }),
}
