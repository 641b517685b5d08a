import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Popup } from './popup.tsx'
import { type Anchor, formNow, usePressOutside } from './use-popup.ts'

interface AnchoredPopupProps {
  /** Always the same while the popup is open. */
  anchor: Anchor
  label: string
  role?: 'menu' | 'dialog'
  className?: string
  onClose: () => void
  /** Moves the focus inside; true if it has used the key. */
  onKey?: (root: HTMLElement | null, key: string) => boolean
  children: ReactNode
}

/**
 * A popup beside its anchor, open as long as it is rendered. Escape and a press outside close it. The focus starts at the
 * element with `data-first-focus`, or at the first item of a menu, and returns to where it was.
 */
export function AnchoredPopup({
  anchor,
  label,
  role = 'dialog',
  className,
  onClose,
  onKey,
  children,
}: AnchoredPopupProps) {
  const [form] = useState(formNow)
  const root = useRef<HTMLDivElement>(null)
  const place = useMemo(() => ({ current: anchor }), [anchor])
  const id = useId()
  usePressOutside(root, true, onClose)

  useLayoutEffect(() => {
    const element = root.current
    const opener = document.activeElement
    element?.querySelector<HTMLElement>('[data-first-focus], [role="menuitem"]')?.focus()
    return () => {
      const now = document.activeElement
      const isElsewhere = now !== null && now !== document.body && !element?.contains(now)
      // A sheet returns the focus by itself.
      if (isElsewhere || element?.contains(opener)) return
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true })
    }
  }, [])

  // Escape closes the topmost element, wherever the focus is.
  useEffect(() => {
    const closeOnEscape = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      onClose()
    }
    document.addEventListener('keydown', closeOnEscape, true)
    return () => document.removeEventListener('keydown', closeOnEscape, true)
  }, [onClose])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab' && role === 'menu') onClose()
    else if (!onKey?.(root.current, event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the browser's own menu would cover this one
    <div
      className="menu-root"
      ref={root}
      onContextMenu={(event) => event.preventDefault()}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (form === 'beside' && relatedTarget && !currentTarget.contains(relatedTarget)) onClose()
      }}
    >
      <Popup
        popup={{ form, id, anchor: place, isAtStart: true, leave: onClose }}
        role={role}
        label={label}
        onKeyDown={onKeyDown}
        {...(className === undefined ? {} : { className })}
      >
        {children}
      </Popup>
    </div>
  )
}
