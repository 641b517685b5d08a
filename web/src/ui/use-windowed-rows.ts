import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Rows that are drawn before the list is measured. */
const AT_FIRST = 24
/** Rows that are drawn beyond the visible part, on either side. */
const BEYOND = 10

interface WindowedRows {
  /** The scrolling element. */
  scroller: RefObject<HTMLDivElement | null>
  /** The list inside it, as high as all rows together. Every row has its place, drawn or not. */
  list: RefObject<HTMLUListElement | null>
  /** The rows to draw, from `first` up to but not including `end`. */
  first: number
  end: number
  onScroll: () => void
  /** Scrolls just far enough to show the whole row. */
  reveal: (index: number) => void
}

/**
 * Draws only the visible rows of a long list, all of one height. While the viewer scrolls, rows that move above the visible part
 * don't move it.
 *
 * @param ids of all rows, in their order
 * @param name of the list; a list with another name begins at its top
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
    // Rows that can be scrolled before the next drawing.
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

/** `hidden` is the height of the list above the visible part. Undefined while none of the list is visible. */
function measure(box: HTMLElement | null, list: HTMLElement | null, count: number) {
  const rowHeight = (list?.offsetHeight ?? 0) / count
  if (!box || !list || !(rowHeight > 0)) return undefined
  const hidden = box.getBoundingClientRect().top - list.getBoundingClientRect().top
  return { rowHeight, hidden, boxHeight: box.clientHeight }
}

/** By how many rows the visible part has moved down. Of the two rows at the edges, at most one has moved by itself. */
function movedBy(before: readonly string[], ids: readonly string[], edge: number): number {
  const places = [edge, edge + 1].flatMap((index) => {
    const place = ids.indexOf(before[index] ?? '')
    return place < 0 ? [] : [place - index]
  })
  return places.length === 0 ? 0 : Math.max(...places)
}
