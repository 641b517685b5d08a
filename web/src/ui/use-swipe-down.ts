import { type TouchEvent, useRef } from 'react'

/** A swipe that ends further down than this counts. */
const MEANT_PX = 72

interface SwipeHandlers {
  onTouchStart: (event: TouchEvent<HTMLElement>) => void
  onTouchMove: (event: TouchEvent<HTMLElement>) => void
  onTouchEnd: (event: TouchEvent<HTMLElement>) => void
  onTouchCancel: (event: TouchEvent<HTMLElement>) => void
}

/** Lets an element follow a finger down, and calls back once it has gone far enough. Scrolled content inside it scrolls first. */
export function useSwipeDown(onSwipe: () => void): SwipeHandlers {
  const start = useRef<number>(undefined)
  const distance = useRef(0)

  const follow = (element: HTMLElement, to: number) => {
    distance.current = to
    element.style.translate = to > 0 ? `0 ${to}px` : ''
  }

  return {
    onTouchStart: ({ currentTarget, target, touches }) => {
      start.current = isScrolled(currentTarget, target) ? undefined : touches[0]?.clientY
    },
    onTouchMove: ({ currentTarget, touches }) => {
      const from = start.current
      if (from !== undefined) follow(currentTarget, Math.max(0, (touches[0]?.clientY ?? 0) - from))
    },
    onTouchEnd: ({ currentTarget }) => {
      const isMeant = distance.current > MEANT_PX
      follow(currentTarget, 0)
      if (isMeant) onSwipe()
    },
    onTouchCancel: ({ currentTarget }) => follow(currentTarget, 0),
  }
}

/** Whether the element, or something between it and the touched element, is scrolled down. */
function isScrolled(element: Element, touched: EventTarget): boolean {
  let each = touched instanceof Element ? touched : null
  while (each && each !== element) {
    if (each.scrollTop > 0) return true
    each = each.parentElement
  }
  return element.scrollTop > 0
}
