import type { Report } from '../../shared/report.ts'
import type { ReportRow } from '../db/schema.ts'

/** A report as its reporter sees it: without the resolver and the moderators' note. */
export const toOwnReport = (row: ReportRow): Report => ({ ...toReport(row), note: null, resolvedBy: null })

export const toReport = (row: ReportRow): Report => ({
  id: row.id,
  roomId: row.room_id,
  messageId: row.message_id,
  senderId: row.sender_id,
  reporterId: row.reporter_id,
  reason: row.reason,
  text: row.text,
  content: row.content,
  attachments: row.attachments,
  createdAt: row.created_at,
  status: row.resolved_at ? 'resolved' : 'open',
  action: row.action,
  note: row.note,
  resolvedBy: row.resolved_by,
  resolvedAt: row.resolved_at,
})
