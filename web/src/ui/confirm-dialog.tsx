import { type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { errorSentence } from './error-sentence.ts'

interface ConfirmDialogProps {
  title: string
  children: ReactNode
  /** The verb on the button: "Delete". */
  action: string
  /** Runs before the dialog closes. The dialog shows its error. */
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** Asks before something that can't be undone. */
export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmDialogProps) {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState('')

  const confirm = async () => {
    setBusy(true)
    setFault('')
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      setFault(errorSentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title={title} role="alertdialog" size="small" onClose={onClose}>
      <div className="dialog-text">{children}</div>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <footer className="dialog-foot">
        <button type="button" className="button" data-first-focus onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button button-danger" disabled={isBusy} onClick={() => void confirm()}>
          {action}
        </button>
      </footer>
    </Dialog>
  )
}
