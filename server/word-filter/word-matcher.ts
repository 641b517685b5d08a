import { LIMITS } from '../../shared/limits.ts'
import type { FilterAction, FilterWord } from '../../shared/word-filter.ts'
import { invalidInput } from '../rpc/chat-error.ts'
import { type FoldedWord, foldedWords } from './folded-words.ts'

/*
 * A filter, compiled. What holds no wildcard is looked up, whatever the number of words; what does is tried word by word, by looking for
 * its parts one after the other. No pattern becomes a regular expression, and none can take longer than the text is long times its words.
 */

/** A word with wildcards: what it begins and ends with, and what lies between, in this order. */
interface Glob {
  first: string
  middle: string[]
  last: string
}

interface WildPattern {
  parts: (string | Glob)[]
  action: FilterAction
}

/** What a filter found in a text. */
export interface Finding {
  action: FilterAction
  words: FoldedWord[]
}

const MAX_WORDS_OF_PATTERN = 5

export class WordMatcher {
  /** How many words it was made of: what it weighs. */
  readonly size: number
  readonly #plain = new Map<string, Set<FilterAction>>()
  /** How many words the plain patterns have. */
  readonly #lengths: number[]
  readonly #wild: WildPattern[] = []

  /** @throws ChatError INVALID_INPUT naming the word */
  constructor(words: FilterWord[]) {
    this.size = words.length
    const lengths = new Set<number>()
    for (const [index, { pattern, action }] of words.entries()) {
      const parts = partsOf(pattern, `words.${index}.pattern`)
      if (parts.some((part) => part.includes('*'))) {
        this.#wild.push({ parts: parts.map((part) => (part.includes('*') ? globOf(part) : part)), action })
        continue
      }
      lengths.add(parts.length)
      const key = parts.join(' ')
      this.#plain.set(key, (this.#plain.get(key) ?? new Set()).add(action))
    }
    if (this.#wild.length > LIMITS.filterWildcards) {
      throw invalidInput('words', `at most ${LIMITS.filterWildcards} with a wildcard`)
    }
    this.#lengths = [...lengths]
  }

  *find(words: FoldedWord[]): Generator<Finding, void> {
    for (const [index, word] of words.entries()) {
      for (const length of this.#lengths) {
        if (index + length > words.length) continue
        const found = length === 1 ? [word] : words.slice(index, index + length)
        const key = length === 1 ? word.text : found.map(({ text }) => text).join(' ')
        for (const action of this.#plain.get(key) ?? []) yield { action, words: found }
      }
      for (const { parts, action } of this.#wild) {
        const isFound = parts.every((part, offset) => matches(words[index + offset]?.text, part))
        if (isFound) yield { action, words: words.slice(index, index + parts.length) }
      }
    }
  }
}

function partsOf(pattern: string, path: string): string[] {
  const parts = foldedWords(pattern, { isPattern: true }).map(({ text }) => text)
  if (parts.length === 0) throw invalidInput(path, 'holds no word')
  if (parts.length > MAX_WORDS_OF_PATTERN) throw invalidInput(path, `at most ${MAX_WORDS_OF_PATTERN} words in a row`)
  if (parts.some((part) => /^\**$/.test(part))) throw invalidInput(path, 'a * alone would be any word')
  return parts
}

function globOf(part: string): Glob {
  const [first = '', ...others] = part.split('*')
  const last = others.pop() ?? ''
  return { first, middle: others.filter(Boolean), last }
}

function matches(word: string | undefined, part: string | Glob): boolean {
  if (word === undefined || typeof part === 'string') return word === part
  const { first, middle, last } = part
  if (!word.startsWith(first) || !word.endsWith(last)) return false
  let at = first.length
  for (const part of middle) {
    const found = word.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= word.length - last.length
}

/** What becomes of a text: what is stored of it, whether it is refused, whether moderators hear of it. */
export interface Verdict {
  content: string
  isRefused: boolean
  isFlagged: boolean
}

/** What several filters together make of a text. */
export function judge(text: string, matchers: readonly WordMatcher[]): Verdict {
  const words = foldedWords(text)
  const verdict = { isRefused: false, isFlagged: false }
  const masked = new Set<FoldedWord>()
  for (const matcher of matchers) {
    for (const { action, words: found } of matcher.find(words)) {
      if (action === 'refuse') return { content: text, isRefused: true, isFlagged: false }
      if (action === 'flag') verdict.isFlagged = true
      else for (const word of found) masked.add(word)
    }
  }
  return {
    ...verdict,
    content: mask(
      text,
      words.filter((word) => masked.has(word)),
    ),
  }
}

/** As long as before: an asterisk for each UTF-16 code unit of a word. */
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
