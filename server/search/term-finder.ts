import type { SearchTerm } from './search-terms.ts'

export interface Span {
  start: number
  end: number
}

export interface Word extends Span {
  text: string
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu

export const wordsOf = (text: string): Word[] =>
  Array.from(text.matchAll(WORD), (match) => ({
    text: match[0].toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }))

/**
 * Finds the terms of a query in texts, in one pass per text for any query. Each word of each term has a bit, with the bits of a
 * term side by side. The state has the bits of the words that the text may have just reached: each word of the text shifts all of
 * them by one and keeps those that it matches. (This is Shift-And, applied to words.)
 */
export class TermFinder {
  /** The bits that a word of the text matches, as a whole word and by prefix. */
  readonly #whole = new Map<string, bigint>()
  readonly #prefixes = new Map<string, bigint>()
  /** The lengths of the prefixes, shortest first. */
  readonly #prefixLengths: number[]
  /** The first bit of each term. */
  #starts = 0n
  /** The last bits of the terms of each length, longest terms first. */
  readonly #endings: { length: number; bits: bigint }[]

  /** Finds the terms that are not excluded. */
  constructor(terms: SearchTerm[]) {
    const endings = new Map<number, bigint>()
    let bit = 1n
    for (const { text, isPrefix, isExcluded } of terms) {
      const wanted = isExcluded ? [] : wordsOf(text)
      for (const [index, word] of wanted.entries()) {
        const isLast = index === wanted.length - 1
        if (index === 0) this.#starts |= bit
        addBits(isLast && isPrefix ? this.#prefixes : this.#whole, word.text, bit)
        if (isLast) addBits(endings, wanted.length, bit)
        bit <<= 1n
      }
    }
    this.#prefixLengths = [...new Set(Array.from(this.#prefixes.keys(), (prefix) => prefix.length))].sort(
      (a, b) => a - b,
    )
    this.#endings = Array.from(endings, ([length, bits]) => ({ length, bits })).sort((a, b) => b.length - a.length)
  }

  /** The spans in which the words of a term follow each other, in order. Overlapping spans are merged. */
  find(words: readonly Word[]): Span[] {
    const found: Span[] = []
    let state = 0n
    for (const [index, word] of words.entries()) {
      const bits = this.#bitsOf(word.text)
      state = bits === 0n ? 0n : ((state << 1n) | this.#starts) & bits
      if (state === 0n) continue
      // The longest term that ends here covers the others.
      const ended = this.#endings.find((ending) => (state & ending.bits) !== 0n)
      const first = ended && words[index - ended.length + 1]
      if (first) addSpan(found, { start: first.start, end: word.end })
    }
    return found
  }

  #bitsOf(word: string): bigint {
    let bits = this.#whole.get(word) ?? 0n
    for (const length of this.#prefixLengths) {
      if (length > word.length) break
      bits |= this.#prefixes.get(word.slice(0, length)) ?? 0n
    }
    return bits
  }
}

function addBits<K>(map: Map<K, bigint>, key: K, bits: bigint): void {
  map.set(key, (map.get(key) ?? 0n) | bits)
}

/** Spans must be added in the order of their ends. */
function addSpan(found: Span[], span: Span): void {
  let { start } = span
  for (let last = found.at(-1); last && start < last.end; last = found.at(-1)) {
    start = Math.min(start, last.start)
    found.pop()
  }
  found.push({ start, end: span.end })
}
