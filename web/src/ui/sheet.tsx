import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { useSwipeDown } from './use-swipe-down.ts'

interface SheetProps {
  label: string
  onClose: () => void
  children: ReactNode
}

/**
 * A sheet at the lower edge of a small screen. The browser keeps the focus inside and returns it. Escape, a tap above it and a
 * swipe down close it.
 */
export function Sheet({ label, onClose, children }: SheetProps) {
  const sheet = useRef<HTMLDialogElement>(null)
  const swipe = useSwipeDown(onClose)

  // Close it before the element is removed: the browser returns the focus only while the element exists.
  useLayoutEffect(() => {
    const element = sheet.current
    if (element && !element.open) element.showModal()
    return () => element?.close()
  }, [])

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the scrim; Escape is its key
    <dialog
      ref={sheet}
      className="sheet"
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      // The scrim belongs to the element; the content has elements of its own.
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
      {...swipe}
    >
      <div className="sheet-body">
        <div className="sheet-grip" aria-hidden="true" />
        {children}
      </div>
    </dialog>
  )
}
