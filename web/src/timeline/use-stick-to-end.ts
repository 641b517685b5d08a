import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

const AT_END_PX = 24
/** More messages are asked for this far before the edge. */
const NEAR_EDGE_PX = 600

interface StickToEndOptions {
  onNearTop: () => void
  onNearBottom: () => void
  /** What is loaded does not reach to the newest message: its last line is not the end. */
  isDetached: boolean
}

interface StickToEnd {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  /** The newest message is on the screen, and stays there as more come. */
  isAtEnd: boolean
  onScroll: () => void
  toEnd: () => void
  /** Puts a row in the middle, and stays there. */
  toRow: (row: Element) => void
}

/**
 * Holds a timeline still. At its end it stays at its end, whatever grows; anywhere else the topmost visible row stays where it is,
 * whatever changes above or below it. The browser's own anchoring is switched off in the style sheet: it does not know the first rule,
 * and not every browser has it.
 *
 * Only the viewer leaves the end. A browser also scrolls by itself, when the box or its content changes its height; a scroll at
 * unchanged heights is the viewer's, whether by wheel, touch, key, scrollbar, search in the page or screen reader.
 */
export function useStickToEnd({ onNearTop, onNearBottom, isDetached }: StickToEndOptions): StickToEnd {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const last = useRef({ top: 0, boxHeight: 0, contentHeight: 0 })
  const anchor = useRef<{ row: Element; top: number }>(undefined)
  const [isAtEnd, setAtEnd] = useState(true)

  const hold = useCallback(() => {
    const box = scroller.current
    if (!box) return
    if (atEnd.current) box.scrollTop = box.scrollHeight
    else if (anchor.current?.row.isConnected) box.scrollTop += topIn(box, anchor.current.row) - anchor.current.top
    anchor.current = topmost(box)
    last.current = measured(box)
  }, [])

  const onScroll = useCallback(() => {
    const box = scroller.current
    if (!box) return
    const { top, boxHeight, contentHeight } = measured(box)
    const before = last.current
    const isByViewer = boxHeight === before.boxHeight && contentHeight === before.contentHeight
    const isKept = atEnd.current && (!isByViewer || top >= before.top)
    const left = contentHeight - top - boxHeight
    atEnd.current = !isDetached && (left <= AT_END_PX || isKept)
    if (atEnd.current && !isByViewer) hold()
    anchor.current = topmost(box)
    last.current = measured(box)
    setAtEnd(atEnd.current)
    if (box.scrollTop < NEAR_EDGE_PX) onNearTop()
    if (left < NEAR_EDGE_PX) onNearBottom()
  }, [hold, onNearTop, onNearBottom, isDetached])

  const toEnd = useCallback(() => {
    atEnd.current = true
    setAtEnd(true)
    hold()
  }, [hold])

  const toRow = useCallback(
    (row: Element) => {
      const box = scroller.current
      if (!box) return
      atEnd.current = false
      row.scrollIntoView({ block: 'center' })
      last.current = measured(box)
      anchor.current = { row, top: topIn(box, row) }
      setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight <= AT_END_PX && !isDetached)
    },
    [isDetached],
  )

  useLayoutEffect(() => {
    hold()
    if ((scroller.current?.scrollTop ?? 0) < NEAR_EDGE_PX) onNearTop()
  })

  useEffect(() => {
    const observer = new ResizeObserver(hold)
    for (const { current } of [scroller, content]) if (current) observer.observe(current)
    return () => observer.disconnect()
  }, [hold])

  return { scroller, content, isAtEnd, onScroll, toEnd, toRow }
}

const measured = (box: Element) => ({
  top: box.scrollTop,
  boxHeight: box.clientHeight,
  contentHeight: box.scrollHeight,
})

const topIn = (box: Element, row: Element) => row.getBoundingClientRect().top - box.getBoundingClientRect().top

/** The first row that reaches into the visible part, found by halving: rows lie in order. */
function topmost(box: Element): { row: Element; top: number } | undefined {
  const rows = box.querySelectorAll('[data-row]')
  const edge = box.getBoundingClientRect().top
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row && row.getBoundingClientRect().bottom > edge) high = middle
    else low = middle + 1
  }
  const row = rows[low]
  return row && { row, top: topIn(box, row) }
}
