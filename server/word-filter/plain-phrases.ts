import type { FilterAction } from '../../shared/word-filter.ts'
import type { FoldedWord } from './folded-words.ts'

/** Patterns without wildcards: sequences of words. The cost of a look-up does not depend on their number. */
export class PlainPhrases {
  readonly #actions = new Map<string, Set<FilterAction>>()
  /** The beginnings of longer phrases: if the text matches none of them, nothing else is looked up. */
  readonly #beginnings = new Set<string>()

  add(words: readonly string[], action: FilterAction): void {
    const phrase = words.join(' ')
    this.#actions.set(phrase, (this.#actions.get(phrase) ?? new Set()).add(action))
    for (let count = 1; count < words.length; count++) this.#beginnings.add(words.slice(0, count).join(' '))
  }

  /** Calls back for every phrase that starts with this word, with the index of its last word. */
  findAt(words: readonly FoldedWord[], first: number, tell: (action: FilterAction, last: number) => void): void {
    let phrase = words[first]?.text
    for (let last = first; phrase !== undefined; ) {
      for (const action of this.#actions.get(phrase) ?? []) tell(action, last)
      const next: FoldedWord | undefined = this.#beginnings.has(phrase) ? words[++last] : undefined
      phrase = next && `${phrase} ${next.text}`
    }
  }
}
