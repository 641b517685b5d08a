/** A range of rows by index, including both ends. */
export interface Span {
  first: number
  last: number
}

/** A piece of the page: a row, or a gap. A gap is as high as the measured rows that it replaces. */
export type Piece = { type: 'row'; index: number } | (Span & { type: 'gap'; height: number })

/** A row's height, known once it has been in the page. */
export type HeightOf = (index: number) => number | undefined

/** Rows are in the page up to this far beyond the visible part. */
const AHEAD_PX = 1_000
/** Rows are added only when fewer than this are left. */
const LEFT_PX = 500
/** More rows than needed stay, so that not every scroll step changes the page. */
const SPARE_ROWS = 30
/** Determines how many rows of unknown height are added at a time. It never places a row. */
const LIKELY_PX = 40

/** The span and some single rows, in order, with gaps for the left-out rows. Unmeasured rows take no space. */
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

/** A row in the visible part, and its edges. Pixels count from the top of the visible part, whose height is `height`. */
export interface Sight {
  index: number
  top: number
  bottom: number
  height: number
}

/** The rows that should be in the page for this view; undefined if the current ones will do. */
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

/** Both spans and everything between them. */
export const spanning = (a: Span, b: Span): Span => ({
  first: Math.min(a.first, b.first),
  last: Math.max(a.last, b.last),
})
