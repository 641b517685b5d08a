import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { RowWindow } from './use-row-window.ts'

const AT_END_PX = 24
/** More messages are loaded this far before the edge. */
const NEAR_EDGE_PX = 600

interface StickToEndOptions {
  onNearTop: () => void
  onNearBottom: () => void
  /** The loaded messages do not reach the newest one: the last row is not the end. */
  isDetached: boolean
  /** Set if not all rows of the content are in the page. */
  rowWindow?: Pick<RowWindow, 'ends' | 'settle'>
}

interface StickToEnd {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  /** The newest message is visible, and new ones are scrolled into view. */
  isAtEnd: boolean
  onScroll: () => void
  toEnd: () => void
  /** Scrolls a row to the middle, or to the given place, and stays there. */
  toRow: (row: Element, block?: ScrollLogicalPosition) => void
}

/**
 * Holds a timeline still. At its end it stays at its end, however it grows. Anywhere else the topmost visible row stays in
 * place, whatever changes above or below it. The style sheet switches the browser's own anchoring off: it does not know the
 * first rule, and not every browser has it.
 *
 * Only the viewer leaves the end. A browser also scrolls by itself when the box or its content changes its height. A scroll at
 * unchanged heights is the viewer's, by wheel, touch, key, scrollbar, page search or screen reader.
 */
export function useStickToEnd({
  onNearTop,
  onNearBottom,
  isDetached,
  rowWindow: { ends, settle } = WHOLE,
}: StickToEndOptions): StickToEnd {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const last = useRef({ top: 0, boxHeight: 0, contentHeight: 0 })
  const anchor = useRef<{ row: Element; top: number }>(undefined)
  const [isAtEnd, setAtEnd] = useState(true)

  const isEnd = useCallback(
    (box: Element) => !isDetached && ends().end && distanceToEnd(box) <= AT_END_PX,
    [isDetached, ends],
  )
  const note = useCallback((box: Element) => {
    anchor.current = topmost(box)
    last.current = measured(box)
  }, [])

  const hold = useCallback(() => {
    const box = scroller.current
    if (!box) return
    const held = anchor.current
    if (atEnd.current) box.scrollTop = box.scrollHeight
    else if (held?.row.isConnected) {
      const moved = topIn(box, held.row) - held.top
      // Writing the same position again would end a scroll in progress.
      if (Math.abs(moved) >= 1) box.scrollTop += moved
      last.current = measured(box)
      return
    }
    note(box)
  }, [note])

  const askForMore = useCallback(() => {
    const box = scroller.current
    if (!box) return
    const { start, end } = ends()
    if (start && box.scrollTop < NEAR_EDGE_PX) onNearTop()
    if (end && distanceToEnd(box) < NEAR_EDGE_PX) onNearBottom()
  }, [ends, onNearTop, onNearBottom])

  /** Records the scroll position, and whether the viewer has left the end or come back to it. */
  const follow = useCallback(
    (box: Element) => {
      const before = last.current
      const isByViewer = isOfSize(box, before)
      const isKept = atEnd.current && (!isByViewer || box.scrollTop >= before.top)
      atEnd.current = isEnd(box) || (isKept && !isDetached)
      if (atEnd.current && !isByViewer) hold()
      note(box)
    },
    [hold, note, isEnd, isDetached],
  )

  const onScroll = useCallback(() => {
    const box = scroller.current
    if (!box) return
    follow(box)
    settle(box, true)
    atEnd.current ||= isEnd(box)
    note(box)
    setAtEnd(atEnd.current)
    askForMore()
  }, [follow, note, settle, isEnd, askForMore])

  const toEnd = useCallback(() => {
    atEnd.current = true
    setAtEnd(true)
    hold()
  }, [hold])

  const toRow = useCallback(
    (row: Element, block: ScrollLogicalPosition = 'center') => {
      const box = scroller.current
      if (!box) return
      const { scrollTop } = box
      row.scrollIntoView({ block })
      // The row is in place already; a viewer at the end stays there.
      if (box.scrollTop === scrollTop && (!atEnd.current || isEnd(box))) return
      atEnd.current = false
      last.current = measured(box)
      anchor.current = { row, top: topIn(box, row) }
      setAtEnd(isEnd(box))
    },
    [isEnd],
  )

  const holdAndSettle = useCallback(() => {
    const box = scroller.current
    if (!box) return
    // A redraw caused by the pointer comes before the event of the scroll that moved it, and must not undo the scroll.
    if (box.scrollTop !== last.current.top && isOfSize(box, last.current)) follow(box)
    hold()
    settle(box)
  }, [follow, hold, settle])

  useLayoutEffect(() => {
    holdAndSettle()
    askForMore()
  })

  useEffect(() => {
    const observer = new ResizeObserver(holdAndSettle)
    for (const { current } of [scroller, content]) if (current) observer.observe(current)
    return () => observer.disconnect()
  }, [holdAndSettle])

  return { scroller, content, isAtEnd, onScroll, toEnd, toRow }
}

/** A list whose rows are all in the page. */
const WHOLE: Pick<RowWindow, 'ends' | 'settle'> = { ends: () => ({ start: true, end: true }), settle: () => undefined }

const measured = (box: Element) => ({
  top: box.scrollTop,
  boxHeight: box.clientHeight,
  contentHeight: box.scrollHeight,
})

const isOfSize = (box: Element, { boxHeight, contentHeight }: { boxHeight: number; contentHeight: number }) =>
  box.clientHeight === boxHeight && box.scrollHeight === contentHeight

const topIn = (box: Element, row: Element) => row.getBoundingClientRect().top - box.getBoundingClientRect().top

const distanceToEnd = (box: Element) => box.scrollHeight - box.scrollTop - box.clientHeight

/** The first row in the visible part, by binary search: rows are in order. */
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
  if (!row) return undefined
  const top = topIn(box, row)
  // With left-out rows it can be below the visible part: nobody sees it.
  return top < box.clientHeight ? { row, top } : undefined
}
