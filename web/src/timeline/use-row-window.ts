import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { nextSpan, type Piece, piecesOf, type Sight, type Span, spanning } from './row-window.ts'
import type { Row } from './timeline-rows.ts'

/** The number of rows at the start. Later their measured sizes decide. */
const BEGIN_WITH = 30
/** How many of them lie before the row at which the timeline opens. */
const BEFORE = 8

/** The span by message keys: indexes change with each loaded page. */
interface Place {
  firstKey: string | undefined
  /** Undefined means to the end, including rows added later. */
  lastKey: string | undefined
}

/** Which ends of the loaded messages are in the page. */
export interface ShownEnds {
  start: boolean
  end: boolean
}

export interface RowWindow {
  pieces: readonly Piece[]
  /** For the element whose children are the pieces, one element each. */
  list: RefObject<HTMLDivElement | null>
  ends: () => ShownEnds
  /**
   * Call it whenever the visible part may have changed: it adds rows there. Call it within an event, before the browser paints.
   */
  settle: (scroller: Element, isEvent?: boolean) => void
  /** Adds a row and its neighbours to the page, and calls back with it. */
  show: (key: string, onShown: (row: Element) => void) => void
  showEnd: () => void
}

/**
 * The rows of a long list that are in the page: those around the visible part, and a few that must stay. Every row is rendered
 * before it takes any space. A row that leaves the page leaves a gap of its height.
 *
 * A list grows at both ends as the viewer scrolls, as it does with each loaded page. The height of rows that were never in the
 * page is not estimated: they are absent. `useStickToEnd`, which holds the list still, needs no other information.
 *
 * @param keepKeys rows that stay in the page at any scroll position: the focused row, and the unread line.
 */
export function useRowWindow(rows: readonly Row[], keepKeys: readonly (string | undefined)[]): RowWindow {
  const list = useRef<HTMLDivElement>(null)
  const [heights] = useState(() => new Map<string, number>())
  const [place, setPlace] = useState<Place>()
  const indexes = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows])
  const span = useMemo(() => resolve(place, rows, indexes), [place, rows, indexes])
  const heightOf = (index: number) => heights.get(rows[index]?.key ?? '')
  const kept = keepKeys.flatMap((key) => {
    const index = key === undefined ? undefined : indexes.get(key)
    return index === undefined ? [] : rows[index]?.type === 'new' ? [index, index + 1] : [index]
  })
  const singles = [...new Set(kept)].sort((a, b) => a - b)
  const pieces = piecesOf(rows.length, span, singles, heightOf)

  const latest = useRef({ rows, indexes, place, span, pieces, heightOf })
  const pending = useRef<{ key: string; onShown: (row: Element) => void }>(undefined)

  const ends = useCallback(() => {
    const { span, rows } = latest.current
    return { start: span.first <= 0, end: span.last >= rows.length - 1 }
  }, [])

  const rowOf = useCallback((key: string) => {
    const { pieces, indexes } = latest.current
    const index = indexes.get(key)
    return list.current?.children[pieces.findIndex((piece) => piece.type === 'row' && piece.index === index)]
  }, [])

  const settle = useCallback(
    (scroller: Element, isEvent = false) => {
      const elements = list.current
      if (!elements) return
      const asked = pending.current
      const row = asked && rowOf(asked.key)
      if (asked && row) {
        pending.current = undefined
        asked.onShown(row)
      }
      const { rows, place, span, pieces, heightOf } = latest.current
      const sight = lookAt(scroller, elements, pieces, heightOf)
      const next = sight && nextSpan(sight, span, rows.length, heightOf)
      if (!next) return
      const to = placeOf(isSelecting(elements) ? spanning(next, span) : next, rows)
      // A selection keeps too many rows in the page, and is checked repeatedly.
      if (place && to.firstKey === place.firstKey && to.lastKey === place.lastKey) return
      if (isEvent) flushSync(() => setPlace(to))
      else setPlace(to)
    },
    [rowOf],
  )

  const show = useCallback(
    (key: string, onShown: (row: Element) => void) => {
      const { rows, indexes, span } = latest.current
      const index = indexes.get(key)
      if (index === undefined) return
      const row = rowOf(key)
      if (row && index >= span.first && index <= span.last) return onShown(row)
      pending.current = { key, onShown }
      setPlace(placeOf(around(index, rows.length), rows))
    },
    [rowOf],
  )

  const showEnd = useCallback(() => {
    const { rows } = latest.current
    if (!ends().end) setPlace(placeOf({ first: rows.length - BEGIN_WITH, last: rows.length - 1 }, rows))
  }, [ends])

  useLayoutEffect(() => {
    latest.current = { rows, indexes, place, span, pieces, heightOf }
    if (list.current) measure(list.current, pieces, (index, height) => heights.set(rows[index]?.key ?? '', height))
  })

  return { pieces, list, ends, settle, show, showEnd }
}

const around = (index: number, count: number): Span => ({
  first: Math.max(0, index - BEGIN_WITH / 2),
  last: Math.min(count - 1, index + BEGIN_WITH / 2),
})

function placeOf({ first, last }: Span, rows: readonly Row[]): Place {
  const isMessage = ({ type }: Row) => type === 'message'
  const firstKey = rows.slice(Math.max(0, first), last + 1).find(isMessage)?.key
  const isEnd = !rows.slice(last + 1).some(isMessage)
  return { firstKey, lastKey: isEnd ? undefined : rows.slice(0, last + 1).findLast(isMessage)?.key }
}

/** The rows at the start, and after all rows were replaced: the end, or the first unread message if that is further back. */
function beginning(rows: readonly Row[]): Span {
  const end = rows.length - 1
  const line = rows.findIndex(({ type }) => type === 'new')
  if (line < 0 || end - line < BEGIN_WITH) return { first: end - BEGIN_WITH - BEFORE, last: end }
  return { first: line - BEFORE, last: line + BEGIN_WITH }
}

function resolve(place: Place | undefined, rows: readonly Row[], indexes: ReadonlyMap<string, number>): Span {
  const end = rows.length - 1
  const first = place?.firstKey === undefined ? undefined : indexes.get(place.firstKey)
  const last = place?.lastKey === undefined ? undefined : indexes.get(place.lastKey)
  let span: Span
  if (!place || (first === undefined && last === undefined)) span = beginning(rows)
  else if (place.lastKey === undefined) span = { first: first ?? end - BEGIN_WITH, last: end }
  // A row at an edge can be hidden or removed. Its neighbours remain.
  else span = { first: first ?? (last ?? 0) - BEGIN_WITH, last: last ?? (first ?? 0) + BEGIN_WITH }
  return closed({ first: Math.max(0, span.first), last: Math.min(end, span.last) }, rows)
}

/** A line and the row below it stay together, because the distance between them depends on both. */
function closed({ first, last }: Span, rows: readonly Row[]): Span {
  const isLine = (index: number) => rows[index]?.type === 'day' || rows[index]?.type === 'new'
  while (first > 0 && isLine(first - 1)) first--
  while (last < rows.length - 1 && isLine(last)) last++
  return { first, last }
}

/** Each row's height with the margin above it, which begins at the end of the row before. */
function measure(list: Element, pieces: readonly Piece[], keep: (index: number, height: number) => void) {
  const { top, height } = list.getBoundingClientRect()
  // Nothing here is laid out.
  if (height === 0) return
  let previous = top
  for (const [at, piece] of pieces.entries()) {
    const bottom = list.children[at]?.getBoundingClientRect().bottom ?? previous
    if (piece.type === 'row') keep(piece.index, bottom - previous)
    previous = bottom
  }
}

/** The first row in the visible part; in a gap, the row that was there. */
function lookAt(
  box: Element,
  list: Element,
  pieces: readonly Piece[],
  heightOf: (index: number) => number | undefined,
) {
  const { top: edge, height } = box.getBoundingClientRect()
  let sight: Sight | undefined
  for (const [at, piece] of pieces.entries()) {
    const rect = list.children[at]?.getBoundingClientRect()
    if (!rect) continue
    const [top, bottom] = [rect.top - edge, rect.bottom - edge]
    if (piece.type === 'row') sight = { index: piece.index, top, bottom, height }
    else if (bottom <= 0) sight = { index: piece.last, top: bottom, bottom, height }
    else sight = sightInGap(piece, { top, height }, heightOf) ?? sight
    if (sight && sight.bottom > 0) break
  }
  return sight
}

function sightInGap(
  { first, last }: Span,
  { top, height }: { top: number; height: number },
  heightOf: (index: number) => number | undefined,
): Sight | undefined {
  let sight: Sight | undefined
  let below = top
  for (let index = first; index <= last; index++) {
    const above = below
    below += heightOf(index) ?? 0
    if (below === above) continue
    sight = { index, top: above, bottom: below, height }
    if (below > 0) break
  }
  return sight
}

/** Rows stay while text here is selected: a row that leaves would leave the selection. */
function isSelecting(list: Element): boolean {
  const selection = getSelection()
  if (!selection || selection.isCollapsed) return false
  return list.contains(selection.anchorNode) || list.contains(selection.focusNode)
}
