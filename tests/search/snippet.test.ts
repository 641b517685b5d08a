import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { searchTerms } from '../../server/search/search-terms.ts'
import { snippetOf } from '../../server/search/snippet.ts'
import { TermFinder } from '../../server/search/term-finder.ts'
import { LIMITS } from '../../shared/limits.ts'
import { naiveSnippet } from './naive-snippet.ts'

const snippet = (content: string, query: string) => snippetOf(content, new TermFinder(searchTerms(query)))

const marked = (content: string, query: string): string => {
  const { text, matches } = snippet(content, query)
  return matches.reduceRight(
    (shown, [start, length]) =>
      `${shown.slice(0, start)}[${shown.slice(start, start + length)}]${shown.slice(start + length)}`,
    text,
  )
}

describe('the terms of a query', () => {
  test.each([
    ['one two', [' one', ' two*']],
    ['"one two" three*  -four -"five six"', [' one two', ' three*', '-four', '-five six']],
    ['"open end', [' open end']],
    ['half-open', [' half-open*']],
    ['', []],
  ])('%j', (query, expected) => {
    const shown = searchTerms(query).map(
      (term) => `${term.isExcluded ? '-' : ' '}${term.text}${term.isPrefix ? '*' : ''}`,
    )
    expect(shown).toEqual(expected)
  })
})

describe('a snippet', () => {
  test.each([
    ['shows a short message whole', 'The pump is loud', 'pump is', 'The [pump] [is] loud'],
    ['marks phrases as one', 'The pump is loud', '"pump is" lou', 'The [pump is] [loud]'],
    ['marks nothing that is excluded', 'The pump is loud', 'pump -quiet', 'The [pump] is loud'],
    ['marks parts of an address', 'Go to a.example.com', 'example', 'Go to a.[example].com'],
    ['marks what overlaps as one', 'a b c d e', '"a b c" "c d" b', '[a b c d] e'],
    ['marks a phrase each time that it begins again', 'a a a b', '"a a b" "a a"', '[a a a b]'],
    ['marks a word with its combining marks', 'Cafe\u0301s and cafe', 'cafe\u0301', '[Cafe\u0301s] and cafe'],
    [
      'marks letters beyond the first plane',
      'A \u{1d538}\u{1d539}\u{1d53b} here',
      '\u{1d538}\u{1d539}',
      'A [\u{1d538}\u{1d539}\u{1d53b}] here',
    ],
    ['marks nothing where it knows no better', 'The pump', 'valve', 'The pump'],
  ])('%s', (_, content, query, expected) => {
    expect(marked(content, query)).toBe(expected)
  })

  test('of a long message is the part with most matches, cut between words', () => {
    const content = `${'word '.repeat(100)}a needle ${'word '.repeat(100)}needle and needle ${'word '.repeat(100)}`
    const text = marked(content, 'needle')
    expect(text).toMatch(/^…(word )+\[needle\] and \[needle\]( word)+…$/)
    expect(text.length).toBeLessThan(LIMITS.snippet + 10)
  })

  test('of anything is short, well-formed, and its matches lie within it, in order and apart', () => {
    const word = fc.constantFrom('pump', 'Żółw', '😀', '\u202e', '-', '"', ' ', 'x'.repeat(300), '李小龙', '\n')
    const text = fc.array(word, { maxLength: 120 }).map((words) => words.join(''))
    fc.assert(
      fc.property(text, text, (content, query) => {
        const { text, matches } = snippet(content, query.slice(0, LIMITS.searchQuery))
        expect(text.length).toBeLessThanOrEqual(LIMITS.snippet + 2)
        expect(text.isWellFormed()).toBe(true)
        let end = 0
        for (const [start, length] of matches) {
          expect(start).toBeGreaterThanOrEqual(end)
          expect(length).toBeGreaterThan(0)
          end = start + length
        }
        expect(end).toBeLessThanOrEqual(text.length)
      }),
    )
  })

  test('is what it is by the plainest rule, whatever the text and the query', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'ab',
      'aa',
      'A',
      'İ',
      'a\u0301',
      '\u{1d538}',
      '😀',
      '-',
      '.',
      'x'.repeat(170),
    )
    const text = fc.array(fc.tuple(word, fc.constantFrom(' ', ' ', '', '\n'.repeat(30))), { maxLength: 150 })
    const term = fc.tuple(
      fc.constantFrom('', '', '-', '"'),
      fc.array(word, { maxLength: 4 }),
      fc.constantFrom('', '*', '"'),
    )
    const query = fc.array(term, { maxLength: 8 })
    fc.assert(
      fc.property(text, query, (parts, terms) => {
        const content = parts.flat().join('')
        const asked = terms.map(([before, words, after]) => before + words.join(' ') + after).join(' ')
        expect(snippet(content, asked)).toEqual(naiveSnippet(content, searchTerms(asked)))
      }),
      { numRuns: 2_000 },
    )
  })

  test('names so many matches at most', () => {
    expect(snippet('a '.repeat(70), 'a').matches).toHaveLength(LIMITS.snippetMatches)
  })
})
