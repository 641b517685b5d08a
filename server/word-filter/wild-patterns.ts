import type { FilterAction } from '../../shared/word-filter.ts'
import type { Steps } from '../lib/loop-share.ts'
import type { FoldedWord } from './folded-words.ts'
import { GlobSet } from './glob-set.ts'

/*
 * The patterns of a filter that contain wildcards. Each word of each pattern has a bit, with the bits of a pattern side by side.
 * Each distinct word of a text is tried once and gets the bits of the words that it matches. This finds patterns of several words
 * in one pass: the state has the bits of the words that the text may have just reached; each word of the text shifts all of them
 * by one and keeps those that it matches (Shift-And).
 *
 * The cost of a text is bounded by its distinct words, and its length, times the words of all patterns: `LIMITS.filterWildcards`
 * times a few.
 */

/** The words of a pattern, in which `*` stands for any part of a word. */
export interface WildPattern {
  words: readonly string[]
  action: FilterAction
}

/** Called for patterns of `length` words that end with the word at index `last`. */
type Tell = (action: FilterAction, last: number, length: number) => void

/** Words of a text per step. */
const STEP_WORDS = 200

export class WildPatterns {
  /** The words that start patterns, and all others, which only matter within a pattern that has begun. */
  readonly #openers = new GlobSet()
  readonly #followers = new GlobSet()
  /** The first bit of each pattern. */
  #starts = 0n
  /** The last bits of all patterns, by action and length. */
  readonly #endings: { action: FilterAction; length: number; bits: bigint }[] = []
  #ends = 0n

  constructor(patterns: readonly WildPattern[]) {
    for (const { words } of patterns) this.#openers.add(words[0] ?? '', 0n)
    let bit = 1n
    for (const { words, action } of patterns) {
      this.#starts |= bit
      for (const word of words) {
        const globs = this.#openers.has(word) ? this.#openers : this.#followers
        globs.add(word, bit)
        bit <<= 1n
      }
      this.#addEnding(action, words.length, bit >> 1n)
    }
  }

  *find(words: readonly FoldedWord[], tell: Tell): Steps<void> {
    if (this.#starts === 0n) return
    const opening = new Map<string, bigint>()
    const following = new Map<string, bigint>()
    let state = 0n
    for (const [index, { text }] of words.entries()) {
      let bits = opening.get(text)
      if (bits === undefined) opening.set(text, (bits = yield* this.#openers.bitsOf(text)))
      if (state !== 0n) {
        let others = following.get(text)
        if (others === undefined) following.set(text, (others = yield* this.#followers.bitsOf(text)))
        bits |= others
      }
      state = bits === 0n ? 0n : ((state << 1n) | this.#starts) & bits
      if ((state & this.#ends) !== 0n) {
        for (const ending of this.#endings) if ((state & ending.bits) !== 0n) tell(ending.action, index, ending.length)
      }
      if (index % STEP_WORDS === STEP_WORDS - 1) yield
    }
  }

  #addEnding(action: FilterAction, length: number, bit: bigint): void {
    this.#ends |= bit
    const ending = this.#endings.find((each) => each.action === action && each.length === length)
    if (ending) ending.bits |= bit
    else this.#endings.push({ action, length, bits: bit })
  }
}
