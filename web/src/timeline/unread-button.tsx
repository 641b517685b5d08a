import { type RefObject, useEffect, useState } from 'react'
import { Icon } from '../ui/icons.tsx'
import { passWheel } from './pass-wheel.ts'

interface UnreadButtonProps {
  scroller: RefObject<HTMLElement | null>
  /** The unread messages begin before the oldest loaded message. */
  isFurtherBack: boolean
  isBusy: boolean
  onJump: () => void
}

/** Shown while the unread line is above the visible part. It goes away once the line has been seen. */
export function UnreadButton({ scroller, isFurtherBack, isBusy, onJump }: UnreadButtonProps) {
  const [isAbove, setAbove] = useState(false)
  const [wasSeen, setSeen] = useState(false)

  useEffect(() => {
    const line = scroller.current?.querySelector('.new-line')
    if (!line) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return
        setAbove(!entry.isIntersecting && entry.boundingClientRect.top < (entry.rootBounds?.top ?? 0))
        if (entry.isIntersecting) setSeen(true)
      },
      { root: scroller.current },
    )
    observer.observe(line)
    return () => observer.disconnect()
  }, [scroller])

  if (wasSeen || !(isFurtherBack || isAbove)) return null
  return (
    <button type="button" className="jump jump-unread" disabled={isBusy} onClick={onJump} onWheel={passWheel(scroller)}>
      <Icon name="up" size={18} />
      {isBusy ? 'Searching…' : 'First unread'}
    </button>
  )
}
