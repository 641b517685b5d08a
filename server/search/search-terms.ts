/** One thing to look for: a word, the words of a phrase, or how a word begins. */
export interface SearchTerm {
  text: string
  isPrefix: boolean
  isExcluded: boolean
}

const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/gu

/**
 * The terms of a query as people write it: words, `"phrases"`, `begin*`, and `-` before what must not be there. The last word is
 * taken as the beginning of one, since it may still be being typed. A quotation mark that is not closed reaches to the end.
 */
export function searchTerms(query: string): SearchTerm[] {
  const found = Array.from(query.matchAll(TERM), ([, minus, phrase, word = '']) => ({
    text: phrase ?? word.replace(/\*+$/, ''),
    isPrefix: phrase === undefined && word.endsWith('*'),
    isExcluded: minus === '-',
    isWord: phrase === undefined,
  }))
  const last = found.at(-1)
  if (last?.isWord && !last.isExcluded) last.isPrefix = true
  return found.map(({ text, isPrefix, isExcluded }) => ({ text, isPrefix, isExcluded }))
}
