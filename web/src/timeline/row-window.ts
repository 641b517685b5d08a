/** Rows by their index, from the first to the last, both among them. */
export interface Span {
  first: number
  last: number
}

/** What stands in the page: a row, or in place of left-out rows as much room as those of them took that were measured. */
export type Piece = { type: 'row'; index: number } | (Span & { type: 'gap'; height: number })

/** A row's height where it is known: it was in the page before. */
export type HeightOf = (index: number) => number | undefined

/** Rows are in the page so far beyond what is visible. */
const AHEAD_PX = 1_000
/** Only when fewer are left, others are put there. */
const LEFT_PX = 500
/** More rows than are wanted stay, so that not every step of a scroll changes the page. */
const SPARE_ROWS = 30
/** How many rows of unknown height are made at a time follows from this. No row is ever placed by it. */
const LIKELY_PX = 40

/** The span and some single rows, in order, with gaps for what is left out. Unmeasured rows take no room. */
export function piecesOf(count: number, span: Span, singles: readonly number[], heightOf: HeightOf): Piece[] {
  const shown = [
    ...singles.filter((index) => index < span.first),
    ...Array.from({ length: Math.max(0, span.last - span.first + 1) }, (_, offset) => span.first + offset),
    ...singles.filter((index) => index > span.last),
  ]
  const pieces: Piece[] = []
  let next = 0
  const leaveOut = (end: number) => {
    if (end > next) pieces.push(gapOf({ first: next, last: end - 1 }, heightOf))
  }
  for (const index of shown) {
    leaveOut(index)
    pieces.push({ type: 'row', index })
    next = index + 1
  }
  leaveOut(count)
  return pieces
}

function gapOf(span: Span, heightOf: HeightOf): Piece {
  let height = 0
  for (let index = span.first; index <= span.last; index++) height += heightOf(index) ?? 0
  return { type: 'gap', ...span, height }
}

/** A row that reaches into the visible part, and its edges. Pixels count from the top of the visible part, which is `height` high. */
export interface Sight {
  index: number
  top: number
  bottom: number
  height: number
}

/** The rows that belong into the page where this is to be seen; undefined where those that are there will do. */
export function nextSpan(sight: Sight, current: Span, count: number, heightOf: HeightOf): Span | undefined {
  const needed = spanOf(sight, LEFT_PX, count, heightOf)
  const wanted = spanOf(sight, AHEAD_PX, count, heightOf)
  const isEnough = current.first <= needed.first && current.last >= needed.last
  return isEnough && sizeOf(current) <= sizeOf(wanted) + SPARE_ROWS ? undefined : wanted
}

const sizeOf = ({ first, last }: Span) => last - first + 1

function spanOf({ index, top, bottom, height }: Sight, ahead: number, count: number, heightOf: HeightOf): Span {
  let first = index
  for (let above = top; first > 0 && above > -ahead; first--) above -= heightOf(first - 1) ?? LIKELY_PX
  let last = index
  for (let below = bottom; last < count - 1 && below < height + ahead; last++) below += heightOf(last + 1) ?? LIKELY_PX
  return { first, last }
}

/** Both spans and what lies between them. */
export const spanning = (a: Span, b: Span): Span => ({
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
})
