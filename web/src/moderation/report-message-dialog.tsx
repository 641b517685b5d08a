import { type FormEvent, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { LIMITS, type Message } from '../../../shared/index.ts'
import { plainText } from '../markdown/plain-text.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { SelectField } from '../ui/fields.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { type ChosenReason, REASONS } from './report-words.ts'

interface ReportMessageDialogProps {
  message: Pick<Message, 'id' | 'roomId' | 'sender' | 'content'>
  onClose: () => void
}

/** Reports another user's message to the room's moderators. */
export function ReportMessageDialog({ message, onClose }: ReportMessageDialogProps) {
  const { client } = useChat()
  const { toasts } = useSession()
  const [reason, setReason] = useState<ChosenReason>('spam')
  const [text, setText] = useState('')
  const { isBusy, fault, attempt } = useAttempt()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const { id: messageId, roomId } = message
    const says = text.trim() ? { text: text.trim() } : {}
    if (!(await attempt(() => client.report.create.mutate({ roomId, messageId, reason, ...says })))) return
    toasts.note('Reported. The moderators of this room will review it.')
    onClose()
  }

  return (
    <Dialog title="Report this message" size="small" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void submit(event)}>
        <blockquote className="quote" dir="auto">
          <bdi className="quote-of">{message.sender.name}</bdi>
          {plainText(message.content)}
        </blockquote>
        <SelectField label="Reason" value={reason} options={REASONS} onChange={setReason} />
        <label className="field">
          <span className="field-label">
            Details <span className="field-optional">optional</span>
          </span>
          <textarea
            className="input"
            rows={2}
            value={text}
            onChange={({ target }) => setText(target.value)}
            maxLength={LIMITS.reason}
            dir="auto"
          />
        </label>
        <FaultLine fault={fault} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-danger" disabled={isBusy}>
            Report
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
