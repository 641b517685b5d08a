import { type FormEvent, useState } from 'react'
import { createPortal } from 'react-dom'
import { Dialog } from '../ui/dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { fromFieldTime, sendTimes, toFieldTime } from './send-times.ts'

interface PickTimeDialogProps {
  onPick: (at: Date) => Promise<void>
  onClose: () => void
}

/** Asks when a message is to be sent. It stands outside of the composer's form, which Enter would submit. */
export function PickTimeDialog({ onPick, onClose }: PickTimeDialogProps) {
  const [time, setTime] = useState(() => toFieldTime(sendTimes()[1]?.at ?? new Date()))
  const { isBusy, fault, attempt } = useAttempt()
  const at = fromFieldTime(time)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    // React events still bubble to that form.
    event.stopPropagation()
    if (at && (await attempt(() => onPick(at)))) onClose()
  }

  return createPortal(
    <Dialog title="Send later" size="small" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="field-label">Date and time</span>
          <input
            className="input"
            type="datetime-local"
            value={time}
            onChange={({ target }) => setTime(target.value)}
            data-first-focus
          />
          {!at && <span className="field-says">Choose a time in the future.</span>}
        </label>
        <FaultLine fault={fault} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={isBusy || !at}>
            Schedule
          </button>
        </footer>
      </form>
    </Dialog>,
    document.body,
  )
}
