import type { RefObject, WheelEvent } from 'react'

/** Some mice count in lines, which are as high as text. */
const LINE_PX = 20

/** Passes the wheel on from an element that lies over a scrolling box, but not in it. */
export const passWheel =
  (scroller: RefObject<HTMLElement | null>) =>
  ({ deltaY, deltaMode }: WheelEvent): void => {
    const box = scroller.current
    const unit = deltaMode === 0 ? 1 : deltaMode === 1 ? LINE_PX : (box?.clientHeight ?? 0)
    box?.scrollBy({ top: deltaY * unit })
  }
