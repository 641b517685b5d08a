import { finish } from '../../server/lib/loop-share.ts'
import { type FoldedWord, foldedWords } from '../../server/word-filter/folded-words.ts'
import type { FilterWord } from '../../shared/word-filter.ts'

/*
 * What a filter finds, said as plainly as can be, whatever it costs: every pattern is tried at every word of the text.
 */

export function naiveMatches(text: string, filter: FilterWord[]) {
  const words = finish(foldedWords(text))
  const found = filter.flatMap(({ pattern, action }) => {
    const parts = finish(foldedWords(pattern, { isPattern: true })).map((part) => part.text)
    return words.flatMap((_, first) => {
      const isFound = parts.every((part, offset) => matches(words[first + offset]?.text, part))
      return isFound ? [{ action, words: words.slice(first, first + parts.length) }] : []
    })
  })
  const isRefused = found.some(({ action }) => action === 'refuse')
  if (isRefused) return { content: text, isRefused, isFlagged: false }
  return {
    content: masked(
      text,
      found.flatMap((each) => (each.action === 'mask' ? each.words : [])),
    ),
    isRefused,
    isFlagged: found.some(({ action }) => action === 'flag'),
  }
}

function matches(word: string | undefined, part: string): boolean {
  const [first = '', ...others] = part.split('*')
  const last = others.pop()
  if (word === undefined || last === undefined) return word === part
  if (!word.startsWith(first) || !word.endsWith(last)) return false
  let at = first.length
  for (const middle of others) {
    const found = word.indexOf(middle, at)
    if (found === -1) return false
    at = found + middle.length
  }
  return at <= word.length - last.length
}

function masked(text: string, words: FoldedWord[]): string {
  const units = text.split('')
  for (const { start, end } of words) units.fill('*', start, end)
  return units.join('')
}
