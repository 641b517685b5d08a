import type { SearchSnippet } from '../../../shared/index.ts'
import { type Block, parseMessage, type Span } from './parse-message.ts'

/** A message without Markdown, line by line, for previews. */
export const plainText = (content: string): string => parseMessage(content).map(blockText).join('\n')

/** A message in one line, cut to the length of a preview. */
export const firstWords = (content: string): string =>
  plainText(content.slice(0, 400))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200)
    .replace(/[\uD800-\uDBFF]$/, '')

/** A stretch of a search result; `isMatch` marks the found words. */
export interface SnippetPart {
  text: string
  isMatch: boolean
}

/** Noncharacters, which Unicode reserves for use inside programs: Markdown treats them as letters, and no text contains them. */
const BEGIN = '\uFDD0'
const END = '\uFDD1'
const MARKS = /[\uFDD0\uFDD1]/g

/** A search result without Markdown. The matches are marked before parsing, so they keep their places. */
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
