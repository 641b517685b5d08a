import type { SearchTerm } from '../../server/search/search-terms.ts'
import { type Span, type Word, wordsOf } from '../../server/search/term-finder.ts'
import { LIMITS } from '../../shared/limits.ts'
import type { SearchSnippet } from '../../shared/search.ts'

/*
 * What a snippet is, said as plainly as can be, whatever it costs: every term is tried at every word, and for every match all matches are
 * counted.
 */

const LEAD = 40

export function naiveSnippet(content: string, terms: SearchTerm[]): SearchSnippet {
  const words = wordsOf(content)
  const matches = apart(terms.filter((term) => !term.isExcluded).flatMap((term) => matchesOf(words, term)))
  const { start, end } = bestPart(content, words, matches)
  const before = start > 0 ? '…' : ''
  const shift = before.length - start
  return {
    text: before + content.slice(start, end) + (end < content.length ? '…' : ''),
    matches: matches
      .filter((match) => isWithin(match, start, end))
      .slice(0, LIMITS.snippetMatches)
      .map((match) => [match.start + shift, match.end - match.start]),
  }
}

const isWithin = (span: Span, start: number, end: number): boolean => span.start >= start && span.end <= end

function matchesOf(words: Word[], { text, isPrefix }: SearchTerm): Span[] {
  const wanted = wordsOf(text).map((word) => word.text)
  if (wanted.length === 0) return []
  const isAt = (place: number) =>
    wanted.every((word, index) => {
      const found = words[place + index]?.text
      return isPrefix && index === wanted.length - 1 ? found?.startsWith(word) : found === word
    })
  return words.flatMap((word, place) => {
    const last = words[place + wanted.length - 1]
    return last && isAt(place) ? [{ start: word.start, end: last.end }] : []
  })
}

function apart(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end)
    else merged.push({ ...span })
  }
  return merged
}

function bestPart(content: string, words: Word[], matches: Span[]): Span {
  if (content.length <= LIMITS.snippet) return { start: 0, end: content.length }
  let best = { start: 0, count: -1 }
  for (const match of matches.length > 0 ? matches : [{ start: 0 }]) {
    const earliest = Math.max(0, Math.min(match.start - LEAD, content.length - LIMITS.snippet))
    const start = earliest === 0 ? 0 : (words.find((word) => word.start >= earliest)?.start ?? earliest)
    const count = matches.filter((each) => isWithin(each, start, start + LIMITS.snippet)).length
    if (count > best.count) best = { start: Math.min(start, match.start), count }
  }
  const latest = Math.min(content.length, best.start + LIMITS.snippet)
  const cut = latest === content.length ? latest : (words.findLast((word) => word.end <= latest)?.end ?? 0)
  const end = cut > best.start ? cut : latest
  const isHalf = /[\ud800-\udbff]/.test(content.charAt(end - 1)) && end < content.length
  return { start: best.start, end: isHalf ? end - 1 : end }
}
