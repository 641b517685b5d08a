import type { RefObject, WheelEvent } from 'react'

/** Lines, as some mice count, are as high as text. */
const LINE_PX = 20

/** What lies over a scrolling box, and not in it, hands the wheel on to it. */
export const passWheel =
  (scroller: RefObject<HTMLElement | null>) =>
  ({ deltaY, deltaMode }: WheelEvent): void => {
    const box = scroller.current
    const unit = deltaMode === 0 ? 1 : deltaMode === 1 ? LINE_PX : (box?.clientHeight ?? 0)
    box?.scrollBy({ top: deltaY * unit })
  }
