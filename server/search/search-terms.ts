/** One search term: a word, a phrase, or a prefix. */
export interface SearchTerm {
  text: string
  isPrefix: boolean
  isExcluded: boolean
}

const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/gu

/**
 * Parses a query: words, `"phrases"`, `prefix*`, and `-` before an excluded term. The last word counts as a prefix, since the
 * user may still be typing it. An unclosed quotation mark extends to the end.
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
