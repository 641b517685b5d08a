import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { useSwipeDown } from './use-swipe-down.ts'

interface SheetProps {
  label: string
  onClose: () => void
  children: ReactNode
}

/**
 * What comes from the lower edge of a small screen. The browser keeps the focus inside and gives it back; Escape, a tap above it and a
 * swipe down close it.
 */
export function Sheet({ label, onClose, children }: SheetProps) {
  const sheet = useRef<HTMLDialogElement>(null)
  const swipe = useSwipeDown(onClose)

  // Before the element goes: the browser gives the focus back only where it is still there.
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
      // The scrim belongs to the element, what is inside has elements of its own.
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
