import { LIMITS } from '../../shared/limits.ts'
import type { SearchSnippet } from '../../shared/search.ts'
import { type Span, type TermFinder, type Word, wordsOf } from './term-finder.ts'

/** Characters shown before the first match. */
const LEAD = 40

/** The part of a message with the most matches, and their positions in it. Takes time linear in the content. */
export function snippetOf(content: string, finder: TermFinder): SearchSnippet {
  const words = wordsOf(content)
  const matches = finder.find(words)
  const { start, end } = bestPart(content, words, matches)
  const before = start > 0 ? '…' : ''
  const text = before + content.slice(start, end) + (end < content.length ? '…' : '')
  const shift = before.length - start
  return {
    text,
    matches: matches
      .filter((match) => match.start >= start && match.end <= end)
      .slice(0, LIMITS.snippetMatches)
      .map((match) => [match.start + shift, match.end - match.start]),
  }
}

/** The part with the most matches among those that begin shortly before one. It is cut between words if possible. */
function bestPart(content: string, words: Word[], matches: Span[]): Span {
  if (content.length <= LIMITS.snippet) return { start: 0, end: content.length }
  const start = bestStart(content, words, matches)
  const latest = Math.min(content.length, start + LIMITS.snippet)
  const cut = latest === content.length ? latest : (words.findLast((word) => word.end <= latest)?.end ?? 0)
  return { start, end: wholeCharacters(content, cut > start ? cut : latest) }
}

/** Start, first match and first match beyond the part only move forward from one match to the next. */
function bestStart(content: string, words: Word[], matches: Span[]): number {
  let best = { start: 0, count: -1 }
  let [wordAt, firstIn, firstBeyond] = [0, 0, 0]
  for (const match of matches) {
    const earliest = Math.max(0, Math.min(match.start - LEAD, content.length - LIMITS.snippet))
    wordAt = advance(words, wordAt, (word) => word.start >= earliest)
    const start = earliest === 0 ? 0 : (words[wordAt]?.start ?? earliest)
    firstIn = advance(matches, firstIn, (each) => each.start >= start)
    firstBeyond = advance(matches, firstBeyond, (each) => each.end > start + LIMITS.snippet)
    const count = Math.max(0, firstBeyond - firstIn)
    if (count > best.count) best = { start, count }
  }
  return best.start
}

/** The index of the first span from `from` on that satisfies `holds`; all following ones must satisfy it too. */
function advance(spans: Span[], from: number, holds: (span: Span) => boolean): number {
  let at = from
  for (let span = spans[at]; span && !holds(span); span = spans[at]) at++
  return at
}

/** Never splits a surrogate pair. */
const wholeCharacters = (content: string, end: number): number =>
  /[\ud800-\udbff]/.test(content.charAt(end - 1)) && end < content.length ? end - 1 : end
