import type { SearchSnippet } from '../../../shared/index.ts'
import { type Block, parseMessage, type Span } from './parse-message.ts'

/** A message without its marks, line by line: what previews show. */
export const plainText = (content: string): string => parseMessage(content).map(blockText).join('\n')

/** A message in one line, as much as a line needs. */
export const firstWords = (content: string): string =>
  plainText(content.slice(0, 400))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200)
    .replace(/[\uD800-\uDBFF]$/, '')

/** A stretch of what was found; the words that were asked for are `isMatch`. */
export interface SnippetPart {
  text: string
  isMatch: boolean
}

/** Unicode keeps these for use inside programs: they are letters to Markdown, and nobody's text. */
const BEGIN = '\uFDD0'
const END = '\uFDD1'
const MARKS = /[\uFDD0\uFDD1]/g

/** What was found without its Markdown; the matches keep their places, as they are marked before it is read. */
export function plainSnippet({ text, matches }: SearchSnippet): SnippetPart[] {
  const slice = (begin: number, end?: number) => text.slice(begin, end).replaceAll(MARKS, '')
  let at = 0
  let marked = ''
  for (const [start, length] of matches) {
    marked += slice(at, start) + BEGIN + slice(start, start + length) + END
    at = start + length
  }
  const parts: SnippetPart[] = []
  for (const [index, stretch] of plainText(marked + slice(at))
    .split(BEGIN)
    .entries()) {
    const [found = '', ...rest] = index === 0 ? ['', stretch] : stretch.split(END)
    if (found) parts.push({ text: found, isMatch: true })
    if (rest.join('')) parts.push({ text: rest.join('').replaceAll(END, ''), isMatch: false })
  }
  return parts
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return spansText(block.spans)
    case 'code':
      return block.text
    case 'quote':
      return block.blocks.map(blockText).join('\n')
    case 'list':
      return block.items
        .map(
          (item, index) =>
            `${block.start === null ? '•' : `${block.start + index}.`} ${item.map(blockText).join('\n')}`,
        )
        .join('\n')
  }
}

const spansText = (spans: readonly Span[]): string =>
  spans.map((span) => ('spans' in span ? spansText(span.spans) : span.text)).join('')
