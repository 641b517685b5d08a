import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { searchTerms } from '../../server/search/search-terms.ts'
import { snippetOf } from '../../server/search/snippet.ts'
import { LIMITS } from '../../shared/limits.ts'

const marked = (content: string, query: string): string => {
  const { text, matches } = snippetOf(content, searchTerms(query))
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
        const { text, matches } = snippetOf(content, searchTerms(query.slice(0, LIMITS.searchQuery)))
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
})
