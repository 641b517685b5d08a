import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react'
import { Sheet } from './sheet.tsx'
import type { Anchor, OpenPopup } from './use-popup.ts'

const GAP_PX = 6
const EDGE_PX = 8

interface PopupProps {
  popup: OpenPopup
  label: string
  role: 'menu' | 'dialog'
  className?: string
  onKeyDown: (event: KeyboardEvent) => void
  children: ReactNode
}

/** The content of an open popup, always inside the window. */
export function Popup({ popup, children, ...rest }: PopupProps) {
  const { form, id, anchor, isAtStart = false, leave } = popup
  if (form === undefined) return null
  const { label, role, className = '', onKeyDown } = rest
  const content = { id, role, tabIndex: -1, 'aria-label': label, onKeyDown }
  if (form === 'beside') {
    return (
      <Beside anchor={anchor} isAtStart={isAtStart} {...content} className={`menu ${className}`}>
        {children}
      </Beside>
    )
  }
  return (
    <Sheet label={label} onClose={leave}>
      <div {...content} className={className}>
        {children}
      </div>
    </Sheet>
  )
}

interface BesideProps extends Omit<PopupProps, 'popup' | 'label'> {
  anchor: RefObject<Anchor | null>
  isAtStart: boolean
  id: string
  tabIndex: number
  'aria-label': string
}

/** In the browser's top layer, where no list clips it and nothing covers it. */
function Beside({ anchor, isAtStart, children, ...rest }: BesideProps) {
  const box = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const place = () => anchor.current && placeBeside(element, anchor.current, isAtStart)
    if (!element.matches(':popover-open')) element.showPopover()
    place()
    addEventListener('resize', place)
    // Its anchor may scroll away under it.
    addEventListener('scroll', place, true)
    return () => {
      removeEventListener('resize', place)
      removeEventListener('scroll', place, true)
    }
  }, [anchor, isAtStart])

  return (
    <div ref={box} popover="manual" {...rest}>
      {children}
    </div>
  )
}

/**
 * Aligns the popup's end with the anchor's end, or their beginnings, below the anchor or above it if it does not fit below. The
 * popup always stays inside the window.
 */
function placeBeside(box: HTMLElement, beside: Anchor, isAtStart: boolean) {
  const { offsetWidth: width, offsetHeight: height } = box
  const anchor = beside.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const [above, below] = [anchor.top - GAP_PX - height, anchor.bottom + GAP_PX]
  const isBelow = below + height <= clientHeight - EDGE_PX || above < EDGE_PX
  const within = (at: number, size: number, room: number) => Math.max(EDGE_PX, Math.min(at, room - EDGE_PX - size))
  box.style.left = `${within(isAtStart ? anchor.left : anchor.right - width, width, clientWidth)}px`
  box.style.top = `${within(isBelow ? below : above, height, clientHeight)}px`
}
