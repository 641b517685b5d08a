import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../server/lib/loop-share.ts'
import { foldedWords } from '../../server/word-filter/folded-words.ts'
import { applyMatchers, compileFilter, type WordMatcher } from '../../server/word-filter/word-matcher.ts'
import { LIMITS } from '../../shared/limits.ts'
import type { FilterAction } from '../../shared/word-filter.ts'
import { naiveMatches } from './naive-matcher.ts'

const matcher = (...patterns: string[]) =>
  finish(compileFilter(patterns.map((pattern) => ({ pattern, action: 'mask' as const }))))
const masked = (text: string, ...patterns: string[]) => finish(applyMatchers(text, [matcher(...patterns)])).content

describe('a word of a filter', () => {
  test.each([
    ['in any case', 'Darn it, DARN!', 'darn', '**** it, ****!'],
    ['as a whole word only', 'darned undarn darn', 'darn', 'darned undarn ****'],
    ['between punctuation', '(darn)_darn_"darn"', 'darn', '(****)_****_"****"'],
    ['with zero-width characters in it', 'd\u200ba\u2060r\ufeffn!', 'darn', '*******!'],
    ['with soft hyphens and direction marks in it', 'da\u00adr\u202en', 'darn', '******'],
    ['with control characters in it', 'da\u0007r\u007fn', 'darn', '******'],
    ['in full width', '\uff24\uff21\uff32\uff2e', 'darn', '****'],
    ['in mathematical letters', '\u{1d41d}\u{1d41a}rn', 'darn', '******'],
    ['with the accent apart', 'cafe\u0301 café', 'café', '***** ****'],
    ['with marks in another order', 'a\u0323\u0302', 'a\u0302\u0323', '***'],
    ['but not without its accent', 'cafe', 'café', 'cafe'],
    ['nor with one that it lacks', 'cafe\u0301', 'cafe', 'cafe\u0301'],
    ['with a sharp s', 'STRASSE straße', 'straße', '******* ******'],
    ['with a capital sharp s', 'STRAẞE', 'strasse', '******'],
    ['with a final sigma', 'ΟΔΟΣ οδός', 'οδος', '**** οδός'],
    ['with a ligature', 'o\ufb03ce', 'office', '****'],
    ['in Hangul, composed or not', '한글 \u1112\u1161\u11ab\u1100\u1173\u11af', '한글', '** ******'],
    ['a symbol by itself, wherever it stands', 'so🖕🏽 it', '🖕', 'so**🏽 it'],
    ['with symbols', 'you a$$ of c++', 'a$$', 'you *** of c++'],
    ['with an apostrophe', 'I won’t, won’t', "won't", 'I ***’*, ***’*'],
    ['several in a row', 'hot  dog, hot. Dog hot cold dog', 'hot dog', '***  ***, ***. *** hot cold dog'],
    ['that begins so', 'darned darn undarn', 'darn*', '****** **** undarn'],
    ['that ends so', 'darned darn undarn', '*darn', 'darned **** ******'],
    ['that holds it', 'undarned', '*darn*', '********'],
    ['with parts in order', 'abxcd abcd axbcd acbd', 'ab*cd', '***** **** axbcd acbd'],
    ['whose parts do not overlap', 'aba abba', 'ab*ba', 'aba ****'],
    ['several in a row with a wildcard', 'hot corndogs, hot cats', 'hot *dog*', '*** ********, hot cats'],
    ['with a wildcard in full width', 'darned', 'darn\uff0a', '******'],
    ['with what a regular expression would take otherwise', 'a.c abc (x+x+)+y', 'a.c', '*.* abc (x+x+)+y'],
  ])('is found %s', (_, text, pattern, expected) => {
    expect(masked(text, pattern)).toBe(expected)
  })

  test('is the same in every case, whatever the character', () => {
    const fold = (text: string) => finish(foldedWords(text)).map((word) => word.text)
    const differs = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((char) => char.toLowerCase() !== char || char.toUpperCase() !== char)
      .filter((char) =>
        [char.toLowerCase(), char.toUpperCase()].some((other) => fold(other).join() !== fold(char).join()),
      )
    expect(differs).toEqual([])
  })

  test('is masked in the same length, and nothing else is touched, whatever the text', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 80 })
    const word = fc.constantFrom('darn', 'DA\u200bRN', 'dａrn', 'ok')
    fc.assert(
      fc.property(fc.array(fc.oneof(text, word), { maxLength: 8 }), (parts) => {
        const content = parts.join(' ')
        const after = masked(content, 'darn', '*dog*')
        expect(after).toHaveLength(content.length)
        expect(masked(after, 'darn', '*dog*')).toBe(after)
        for (const [index, unit] of after.split('').entries()) expect(['*', content[index]]).toContain(unit)
        expect(finish(foldedWords(after)).some((each) => each.text === 'darn')).toBe(false)
      }),
    )
  })

  test('whose action is to refuse wins, and flags and masks go together', () => {
    const of = (...actions: FilterAction[]) =>
      finish(compileFilter(actions.map((action) => ({ pattern: 'darn', action }))))
    const matches = (text: string, ...matchers: WordMatcher[]) => finish(applyMatchers(text, matchers))
    expect(matches('darn', of('mask', 'flag'))).toEqual({ content: '****', isRefused: false, isFlagged: true })
    expect(matches('darn', of('mask'), of('flag'))).toEqual({ content: '****', isRefused: false, isFlagged: true })
    expect(matches('darn', of('mask'), of('refuse'))).toMatchObject({ isRefused: true })
    expect(matches('fine', of('mask'), of('refuse'))).toEqual({ content: 'fine', isRefused: false, isFlagged: false })
  })
})

describe('a filter', () => {
  test('finds what it finds by the plainest rule, whatever the text and the words', () => {
    const letter = fc.constantFrom('a', 'b', 'B', 'ab', 'a\u0301', '\u00e1', '\u3316', '\u{1d41a}', '$', '\u200b', '한')
    const part = fc.array(fc.oneof({ weight: 3, arbitrary: letter }, fc.constant('*')), { minLength: 1, maxLength: 6 })
    const pattern = fc
      .array(part, { minLength: 1, maxLength: 3 })
      .map((parts) => parts.map((each) => each.join('')).join(' '))
    const isPattern = (words: string) =>
      finish(foldedWords(words, { isPattern: true })).every(({ text }) => /[^*]/.test(text)) &&
      /[ab$한\p{M}\p{L}]/u.test(words)
    const action = fc.constantFrom<FilterAction>('mask', 'mask', 'mask', 'flag', 'refuse')
    const filter = fc.array(fc.record({ pattern: pattern.filter(isPattern), action }), { maxLength: 12 })
    const space = fc.constantFrom(' ', '. ', '')
    const text = fc.array(fc.tuple(fc.array(letter, { maxLength: 6 }), space), { maxLength: 12 })
    fc.assert(
      fc.property(text, filter, (parts, words) => {
        const content = parts.map(([letters, after]) => letters.join('') + after).join('')
        const short = words.filter((each) => finish(foldedWords(each.pattern, { isPattern: true })).length <= 5)
        expect(finish(applyMatchers(content, [finish(compileFilter(short))]))).toEqual(naiveMatches(content, short))
      }),
      { numRuns: 3_000 },
    )
  })

  test('finds patterns wherever their bits lie, also across a boundary of 32', () => {
    const patterns = Array.from(
      { length: 60 },
      (_, n) => `${String.fromCodePoint(97 + (n % 26)).repeat(1 + (n % 13))}*z${n}`,
    )
    for (const pattern of patterns) {
      const word = pattern.replace('*', 'xyx')
      expect(masked(`${word} ${word}q`, ...patterns)).toBe(`${'*'.repeat(word.length)} ${word}q`)
    }
  })
})

describe('the worst that a filter and a text can do to each other', () => {
  const many = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, i) => make(i))
  const { content, filterPattern, filterWildcards, filterWords } = LIMITS

  test.each([
    ['wildcards in a long word', many(filterWildcards, (i) => `${'a*'.repeat(28)}b${i}`), 'a'.repeat(content)],
    ['a long part', many(filterWildcards, (i) => `*b${'a'.repeat(filterPattern - 6)}${i}*`), 'a'.repeat(content)],
    ['a long part that repeats', many(filterWildcards, (i) => `*${'a'.repeat(50)}b${i}*`), 'a'.repeat(content)],
    ['many wildcards in a row', many(filterWildcards, (i) => `a* a* a* a* b${i}*`), 'a '.repeat(content / 2)],
    ['many words in a row', many(filterWords, (i) => `a a a a b${i}`), 'a '.repeat(content / 2)],
    ['a character that stands for many', many(filterWildcards, (i) => `*x${i}*`), '\ufdfb'.repeat(content)],
    ['marks upon marks', many(filterWords, (i) => `x${i}`), `a${'\u0301\u0323'.repeat((content - 1) / 2)}`],
  ])('%s is over soon', (_, patterns, text) => {
    const compiled = matcher(...patterns)
    const from = performance.now()
    finish(applyMatchers(text, [compiled]))
    // Without a bound these take minutes; a busy machine gets its share.
    expect(performance.now() - from).toBeLessThan(1_000)
  })
})
