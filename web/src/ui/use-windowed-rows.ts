import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Rows that are drawn before the list is measured. */
const AT_FIRST = 24
/** Rows that are drawn beyond what is visible, on either side. */
const BEYOND = 10

interface WindowedRows {
  /** What scrolls. */
  scroller: RefObject<HTMLDivElement | null>
  /** The list inside it, as high as all rows together. Each row has its share of that, whether it is drawn or not. */
  list: RefObject<HTMLUListElement | null>
  /** Which rows to draw: from `first`, and not `end` any more. */
  first: number
  end: number
  onScroll: () => void
  /** Scrolls as little as brings the whole row on the screen. */
  reveal: (index: number) => void
}

/**
 * Draws of a long list of rows of one height those that can be seen. While the list is scrolled, rows that move about above the visible
 * part leave that where it is.
 *
 * @param ids of all rows, in their order
 * @param name of the list: one of another name begins at its top
 */
export function useWindowedRows(ids: readonly string[], name: string): WindowedRows {
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const shown = useRef(ids)
  const shownName = useRef(name)
  const [range, setRange] = useState({ first: 0, end: AT_FIRST })
  const count = ids.length

  const onScroll = useCallback(() => {
    const at = measure(scroller.current, list.current, count)
    if (!at) return
    const seen = {
      first: Math.floor(at.hidden / at.rowHeight),
      end: Math.ceil((at.hidden + at.boxHeight) / at.rowHeight),
    }
    const first = Math.max(0, seen.first - BEYOND)
    const end = Math.max(first, Math.min(count, seen.end + BEYOND))
    // A few rows to scroll before the next drawing.
    const isEnough = (before: typeof range) =>
      before.first <= Math.max(0, seen.first - BEYOND / 2) &&
      before.end >= Math.min(count, seen.end + BEYOND / 2) &&
      before.end - before.first <= end - first + BEYOND
    setRange((before) => (isEnough(before) ? before : { first, end }))
  }, [count])

  useLayoutEffect(() => {
    const before = shown.current
    shown.current = ids
    const at = measure(scroller.current, list.current, ids.length)
    if (before !== ids && at && at.hidden > 0 && scroller.current) {
      scroller.current.scrollTop += movedBy(before, ids, Math.floor(at.hidden / at.rowHeight)) * at.rowHeight
    }
    onScroll()
  }, [ids, onScroll])

  useLayoutEffect(() => {
    if (scroller.current && shownName.current !== name) scroller.current.scrollTop = 0
    shownName.current = name
  }, [name])

  useEffect(() => {
    const box = scroller.current
    if (!box) return
    const observer = new ResizeObserver(onScroll)
    observer.observe(box)
    return () => observer.disconnect()
  }, [onScroll])

  const reveal = useCallback(
    (index: number) => {
      const at = measure(scroller.current, list.current, count)
      if (!at || !scroller.current || index < 0) return
      const top = index * at.rowHeight - at.hidden
      const under = top + at.rowHeight - at.boxHeight
      if (top < 0) scroller.current.scrollTop += top
      else if (under > 0) scroller.current.scrollTop += under
    },
    [count],
  )

  return { scroller, list, ...range, onScroll, reveal }
}

/** `hidden` is how much of the list lies above the visible part. Undefined while nothing of it is on the screen. */
function measure(box: HTMLElement | null, list: HTMLElement | null, count: number) {
  const rowHeight = (list?.offsetHeight ?? 0) / count
  if (!box || !list || !(rowHeight > 0)) return undefined
  const hidden = box.getBoundingClientRect().top - list.getBoundingClientRect().top
  return { rowHeight, hidden, boxHeight: box.clientHeight }
}

/** By how many rows what is visible has moved down: of the two rows at the edge, at most one has gone elsewhere by itself. */
function movedBy(before: readonly string[], ids: readonly string[], edge: number): number {
  const places = [edge, edge + 1].flatMap((index) => {
    const place = ids.indexOf(before[index] ?? '')
    return place < 0 ? [] : [place - index]
  })
  return places.length === 0 ? 0 : Math.max(...places)
}
