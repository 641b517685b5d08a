import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { LIMITS, type MemberRole, type Report, type ReportAction } from '../../../shared/index.ts'
import { outranks } from '../../../shared/permissions.ts'
import { may } from '../people/member-rights.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { fullTime } from '../ui/times.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import { ACTION_WORDS, REPORT_CHOICES, reasonWords } from './report-words.ts'
import { UserName } from './user-name.tsx'

interface ReportItemProps {
  report: Report
  /** Undefined if the sender has left the room. */
  senderRole: MemberRole | undefined
  viewerRole: MemberRole | undefined
  onResolved: () => Promise<unknown>
}

/** One report: the message, its sender, the reporter and the reason, with the possible actions or the outcome. */
export function ReportItem({ report, senderRole, viewerRole, onResolved }: ReportItemProps) {
  const { client } = useChat()
  const { isBusy, fault, attempt } = useAttempt()
  const [note, setNote] = useState('')

  const resolve = (action: ReportAction) =>
    void attempt(async () => {
      const { id: reportId, roomId } = report
      const says = note.trim() ? { note: note.trim() } : {}
      try {
        await client.report.resolve.mutate({ reportId, roomId, action, ...says })
      } finally {
        await onResolved()
      }
    })

  return (
    <li className="desk-item">
      <p className="desk-says">
        <strong>{reasonWords(report.reason)}</strong>
        {report.reporterId && (
          <>
            , reported by <UserName userId={report.reporterId} />
          </>
        )}
        {' · '}
        <time dateTime={report.createdAt.toISOString()}>{fullTime(report.createdAt)}</time>
      </p>
      {report.text && (
        <p className="desk-words" dir="auto">
          {report.text}
        </p>
      )}
      <blockquote className="quote" dir="auto">
        <span className="quote-of">
          <UserName userId={report.senderId} />
          {' wrote'}
        </span>
        {report.content || <i>No text</i>}
      </blockquote>
      {report.status === 'resolved' ? (
        <Outcome report={report} />
      ) : (
        <>
          <input
            className="input input-small"
            value={note}
            onChange={({ target }) => setNote(target.value)}
            placeholder="Note for the audit log"
            aria-label="Note"
            maxLength={LIMITS.reason}
            dir="auto"
          />
          <div className="desk-actions">
            {actionsFor(viewerRole, senderRole).map((action) => (
              <button
                key={action}
                type="button"
                className={action === 'dismiss' ? 'button button-small' : 'button button-small button-quiet-danger'}
                disabled={isBusy}
                onClick={() => resolve(action)}
              >
                {ACTION_WORDS[action].todo}
              </button>
            ))}
          </div>
          <FaultLine fault={fault} />
        </>
      )}
    </li>
  )
}

function Outcome({ report: { action, resolvedBy, resolvedAt, note } }: { report: Report }) {
  if (!action || !resolvedBy || !resolvedAt) return null
  return (
    <p className="desk-says">
      {ACTION_WORDS[action].done} by <UserName userId={resolvedBy} /> ·{' '}
      <time dateTime={resolvedAt.toISOString()}>{fullTime(resolvedAt)}</time>
      {note && (
        <>
          {' · '}
          <bdi>{note}</bdi>
        </>
      )}
    </p>
  )
}

/** Leaves out what the server would refuse: a moderator can remove only lower-ranking members who are still in the room. */
function actionsFor(viewerRole: MemberRole | undefined, senderRole: MemberRole | undefined): ReportAction[] {
  const isBelow = viewerRole !== undefined && (senderRole === undefined || outranks(viewerRole, senderRole))
  return REPORT_CHOICES.filter((action) => {
    if (action === 'removeMember') return isBelow && senderRole !== undefined && may(viewerRole, 'member.remove')
    return action === 'banMember' ? isBelow && may(viewerRole, 'member.ban') : true
  })
}
