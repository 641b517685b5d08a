import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { DiscardDialog } from './discard-dialog.tsx'
import { IconButton } from './icon-button.tsx'
import { useWritten } from './use-written.ts'

interface DialogProps {
  title: string
  onClose: () => void
  children: ReactNode
  /** `alertdialog` if it asks before something that can't be undone. */
  role?: 'dialog' | 'alertdialog'
  size?: 'small' | 'medium' | 'large'
}

/**
 * A modal dialog. The browser keeps the focus inside, and requests the close on Escape and on a click beside it. If the dialog
 * contains unsaved text, it asks first. The focus starts at the element with `data-first-focus`, and returns to where it was.
 */
export function Dialog({ title, onClose, children, role = 'dialog', size = 'medium' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [isAsking, setAsking] = useState(false)
  const { isWritten, handlers } = useWritten()

  useEffect(() => {
    const element = dialog.current
    const opener = document.activeElement
    if (element && !element.open) element.showModal()
    element?.querySelector<HTMLElement>('[data-first-focus]')?.focus()
    return () => {
      element?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])

  return (
    <dialog
      ref={dialog}
      role={role}
      className={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      closedby="any"
      onCancel={(event) => {
        event.preventDefault()
        if (isWritten()) setAsking(true)
        else onClose()
      }}
      {...handlers}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
      {isAsking && <DiscardDialog onKeep={() => setAsking(false)} onDiscard={onClose} />}
    </dialog>
  )
}
