import { type MouseEvent, type PointerEvent, useEffect, useRef } from 'react'

const HELD_MS = 450
/** A finger that moves further than this scrolls. */
const STILL_PX = 10

interface LongPressHandlers {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void
  onPointerMove: (event: PointerEvent<HTMLElement>) => void
  onPointerUp: () => void
  onPointerCancel: () => void
  onContextMenu: (event: MouseEvent<HTMLElement>) => void
}

/** Calls back on a long press. A mouse is ignored: it has buttons. */
export function useLongPress(onPress: () => void): LongPressHandlers {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const start = useRef<{ x: number; y: number }>(undefined)
  const wasLong = useRef(false)

  const end = () => {
    clearTimeout(timer.current)
    start.current = undefined
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  return {
    onPointerDown: ({ pointerType, isPrimary, clientX: x, clientY: y }) => {
      end()
      wasLong.current = false
      if (pointerType !== 'touch' || !isPrimary) return
      start.current = { x, y }
      timer.current = setTimeout(() => {
        end()
        wasLong.current = true
        swallowClick()
        onPress()
      }, HELD_MS)
    },
    onPointerMove: ({ clientX, clientY }) => {
      const from = start.current
      if (from && Math.hypot(clientX - from.x, clientY - from.y) > STILL_PX) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    // Suppresses the browser's own menu for a long press, which may come before or after.
    onContextMenu: (event) => {
      if (start.current || wasLong.current) event.preventDefault()
    },
  }
}

/** Suppresses the click after a long press, on the element under the finger. */
function swallowClick() {
  const stop = () => {
    removeEventListener('click', swallow, true)
    removeEventListener('pointerdown', stop, true)
  }
  const swallow = (event: globalThis.MouseEvent) => {
    // A key clicks without a pointer.
    if (event.detail === 0) return
    event.preventDefault()
    event.stopPropagation()
    stop()
  }
  addEventListener('click', swallow, true)
  addEventListener('pointerdown', stop, true)
}
