import { type MentionName, parseSpans, type Span } from './markdown-spans.ts'
import { safeText } from './safe-text.ts'

/** A part of a message that stands by itself; its lines in stretches. */
export type Block =
  | { type: 'text' | 'quote'; lines: Span[][] }
  | { type: 'list'; start: number | null; lines: Span[][] }
  | { type: 'code'; text: string }

const FENCE = /^ {0,3}```[\w+#.-]{0,20}\s*$/
const FENCE_END = /^ {0,3}```\s*$/
const QUOTE = /^ {0,3}>[> ]*/
const ITEM = /^ {0,8}(?:[-*+•]|(\d{1,9})[.)])\s+(?=\S)/

/**
 * A message in blocks: a subset of Markdown, in one pass over its lines. Quotes and lists have one level: more of their marks change
 * nothing. There is no markup that it could let through, because what comes out is text and a few names for what it is.
 */
export function parseBlocks(content: string, names: readonly MentionName[] = []): Block[] {
  const lines = safeText(content).split('\n')
  const blocks: Block[] = []
  const lastFence = lines.findLastIndex((line) => FENCE_END.test(line))
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (!FENCE.test(line) || at >= lastFence) {
      addLine(blocks, line, names)
      continue
    }
    const begin = at + 1
    at = begin
    while (at < lastFence && !FENCE_END.test(lines[at] ?? '')) at++
    blocks.push({ type: 'code', text: lines.slice(begin, at).join('\n') })
  }
  return blocks.flatMap(trimmed)
}

function addLine(blocks: Block[], line: string, names: readonly MentionName[]) {
  const last = blocks.at(-1)
  const quote = QUOTE.exec(line)
  if (quote) {
    const spans = parseSpans(line.slice(quote[0].length), names)
    if (last?.type === 'quote') last.lines.push(spans)
    else blocks.push({ type: 'quote', lines: [spans] })
    return
  }
  const item = ITEM.exec(line)
  if (item) {
    const start = item[1] === undefined ? null : Number(item[1])
    const spans = parseSpans(line.slice(item[0].length), names)
    if (last?.type === 'list' && (last.start === null) === (start === null)) last.lines.push(spans)
    else blocks.push({ type: 'list', start, lines: [spans] })
    return
  }
  const spans = parseSpans(line, names)
  if (last?.type === 'text') last.lines.push(spans)
  else blocks.push({ type: 'text', lines: [spans] })
}

/** Blank lines around a block part it from the next one, and show as nothing else. */
function trimmed(block: Block): Block[] {
  if (block.type !== 'text') return [block]
  const isFull = (line: Span[]) => line.length > 0
  const first = block.lines.findIndex(isFull)
  if (first < 0) return []
  return [{ ...block, lines: block.lines.slice(first, block.lines.findLastIndex(isFull) + 1) }]
}
