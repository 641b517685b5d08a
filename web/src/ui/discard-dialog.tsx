import { useLayoutEffect, useRef } from 'react'

interface DiscardDialogProps {
  onKeep: () => void
  onDiscard: () => void
}

/** Asks before a dialog with unsaved text closes. */
export function DiscardDialog({ onKeep, onDiscard }: DiscardDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)

  useLayoutEffect(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
    return () => element?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      className="dialog dialog-small"
      aria-label="Discard changes?"
      onCancel={(event) => {
        event.preventDefault()
        onKeep()
      }}
    >
      <div className="dialog-body">
        <h2>Discard changes?</h2>
        <footer className="dialog-foot">
          <button type="button" className="button" autoFocus onClick={onKeep}>
            Keep editing
          </button>
          <button type="button" className="button button-danger" onClick={onDiscard}>
            Discard
          </button>
        </footer>
      </div>
    </dialog>
  )
}
