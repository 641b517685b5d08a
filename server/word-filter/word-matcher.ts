import { LIMITS } from '../../shared/limits.ts'
import type { FilterAction, FilterWord } from '../../shared/word-filter.ts'
import { invalidInput } from '../errors/chat-error.ts'
import type { Steps } from '../lib/loop-share.ts'
import { type FoldedWord, foldedWords } from './folded-words.ts'
import { PlainPhrases } from './plain-phrases.ts'
import { type WildPattern, WildPatterns } from './wild-patterns.ts'

/*
 * A compiled filter. Patterns without wildcards are looked up; those with wildcards are tried once per distinct word of a text.
 * No pattern becomes a regular expression. Compiling and applying take steps that are short for any patterns and any text.
 */

const MAX_WORDS_OF_PATTERN = 5
/** Words of a text per step. */
const STEP_WORDS = 500

/** @throws ChatError INVALID_INPUT naming the word */
export function* compileFilter(words: readonly FilterWord[]): Steps<WordMatcher> {
  const patterns: WildPattern[] = []
  for (const [index, { pattern, action }] of words.entries()) {
    patterns.push({ words: yield* wordsOf(pattern, `words.${index}.pattern`), action })
    yield
  }
  return new WordMatcher(patterns)
}

export class WordMatcher {
  /** The number of its words, which is its weight in the cache. */
  readonly size: number
  readonly #plain = new PlainPhrases()
  readonly #wild: WildPatterns

  /** @throws ChatError INVALID_INPUT */
  constructor(patterns: readonly WildPattern[]) {
    this.size = patterns.length
    const { wild = [], plain = [] } = Object.groupBy(patterns, ({ words }) =>
      words.some((word) => word.includes('*')) ? 'wild' : 'plain',
    )
    if (wild.length > LIMITS.filterWildcards) {
      throw invalidInput('words', `at most ${LIMITS.filterWildcards} words may have a wildcard`)
    }
    for (const { words, action } of plain) this.#plain.add(words, action)
    this.#wild = new WildPatterns(wild)
  }

  /** Records the matches in a text. Stops early if the text is refused. */
  *find(words: readonly FoldedWord[], findings: Findings): Steps<void> {
    for (let first = 0; first < words.length && !findings.isRefused; first++) {
      this.#plain.findAt(words, first, (action, last) => findings.add(action, first, last))
      if (first % STEP_WORDS === STEP_WORDS - 1) yield
    }
    if (findings.isRefused) return
    yield* this.#wild.find(words, (action, last, length) => findings.add(action, last + 1 - length, last))
  }
}

/** The matches of filters in a text. */
class Findings {
  isRefused = false
  isFlagged = false
  /** Indexes of words. */
  readonly masked = new Set<number>()

  add(action: FilterAction, first: number, last: number): void {
    if (action === 'refuse') this.isRefused = true
    else if (action === 'flag') this.isFlagged = true
    else for (let index = first; index <= last; index++) this.masked.add(index)
  }
}

function* wordsOf(pattern: string, path: string): Steps<string[]> {
  const words = (yield* foldedWords(pattern, { isPattern: true })).map(({ text }) => text)
  if (words.length === 0) throw invalidInput(path, 'must contain a word')
  if (words.length > MAX_WORDS_OF_PATTERN) throw invalidInput(path, `at most ${MAX_WORDS_OF_PATTERN} words in a row`)
  if (words.some((word) => /^\**$/.test(word))) throw invalidInput(path, 'a * alone would match every word')
  return words
}

/** The result for a text: its content to store, whether it is refused, and whether it is flagged. */
export interface MatchResult {
  content: string
  isRefused: boolean
  isFlagged: boolean
}

/** The combined result of several filters for a text. */
export function* applyMatchers(text: string, matchers: readonly WordMatcher[]): Steps<MatchResult> {
  const words = yield* foldedWords(text)
  const findings = new Findings()
  for (const matcher of matchers) {
    yield* matcher.find(words, findings)
    if (findings.isRefused) return { content: text, isRefused: true, isFlagged: false }
  }
  const { isFlagged, masked } = findings
  const content = mask(
    text,
    words.filter((_, index) => masked.has(index)),
  )
  return { content, isRefused: false, isFlagged }
}

/** Keeps the length: one asterisk per UTF-16 code unit of a word. */
function mask(text: string, words: FoldedWord[]): string {
  let masked = ''
  let at = 0
  for (const { start, end } of words) {
    if (start > at) masked += text.slice(at, start)
    if (end > at) masked += '*'.repeat(end - Math.max(start, at))
    at = Math.max(at, end)
  }
  return masked + text.slice(at)
}
