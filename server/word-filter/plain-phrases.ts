import type { FilterAction } from '../../shared/word-filter.ts'
import type { FoldedWord } from './folded-words.ts'

/** Patterns without a wildcard: words in a row, looked up whatever their number. */
export class PlainPhrases {
  readonly #actions = new Map<string, Set<FilterAction>>()
  /** The first words of longer phrases: where the text goes on like none of these, nothing else is looked up. */
  readonly #beginnings = new Set<string>()

  add(words: readonly string[], action: FilterAction): void {
    const phrase = words.join(' ')
    this.#actions.set(phrase, (this.#actions.get(phrase) ?? new Set()).add(action))
    for (let count = 1; count < words.length; count++) this.#beginnings.add(words.slice(0, count).join(' '))
  }

  /** Calls back for every phrase that begins with this word, with the place of its last one. */
  findAt(words: readonly FoldedWord[], first: number, tell: (action: FilterAction, last: number) => void): void {
    let phrase = words[first]?.text
    for (let last = first; phrase !== undefined; ) {
      for (const action of this.#actions.get(phrase) ?? []) tell(action, last)
      const next: FoldedWord | undefined = this.#beginnings.has(phrase) ? words[++last] : undefined
      phrase = next && `${phrase} ${next.text}`
    }
  }
}
