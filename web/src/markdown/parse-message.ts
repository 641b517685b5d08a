import type Token from 'markdown-it/lib/token.mjs'
import { blockTokens, inlineTokens, type MentionName } from './message-grammar.ts'
import { safeText } from './safe-text.ts'

/** A stretch of a paragraph. */
export type Span =
  | { type: 'text' | 'code'; text: string }
  /** Only ever http, https or mailto. */
  | { type: 'link'; href: string; spans: Span[] }
  /** A mentioned user; null means everyone in the room. */
  | { type: 'mention'; text: string; userId: string | null }
  | { type: Emphasis; spans: Span[] }

export type Emphasis = 'strong' | 'em' | 'del'

/** A block of a message. */
export type Block =
  /** `isTight` in a list without blank lines. */
  | { type: 'paragraph'; isTight: boolean; spans: Span[] }
  | { type: 'quote'; blocks: Block[] }
  /** `start` is the first number; null for bullets. */
  | { type: 'list'; start: number | null; items: Block[][] }
  | { type: 'code'; language: string; text: string }

/** Nested emphasis up to this depth is shown. Deeper marks are text. */
const MAX_SPAN_DEPTH = 8

const EMPHASIS: Readonly<Record<string, Emphasis>> = { strong_open: 'strong', em_open: 'em', s_open: 'del' }

/**
 * Parses a message into blocks (`message-grammar.ts` lists them). No markup can pass through: the result is text with a few node
 * types. Time is linear in the length of the text, and depth is bounded.
 *
 * @param names the longest first.
 */
export function parseMessage(content: string, names: readonly MentionName[] = []): Block[] {
  const root: Block[] = []
  const stack: { blocks: Block[]; list?: Block & { type: 'list' } }[] = [{ blocks: root }]
  let isTight = false
  for (const token of blockTokens(safeText(content.replaceAll(/\r\n?/g, '\n')))) {
    const top = stack.at(-1)
    if (!top) break
    switch (token.type) {
      case 'paragraph_open':
        isTight = token.hidden
        break
      case 'inline':
        top.blocks.push({ type: 'paragraph', isTight, spans: toSpans(inlineTokens(token.content, names)) })
        break
      case 'fence':
        top.blocks.push(toCode(token))
        break
      case 'blockquote_open': {
        const blocks: Block[] = []
        top.blocks.push({ type: 'quote', blocks })
        stack.push({ blocks })
        break
      }
      case 'ordered_list_open':
      case 'bullet_list_open': {
        const start = token.type === 'bullet_list_open' ? null : Number(token.attrs?.[0]?.[1] ?? 1)
        const list: Block & { type: 'list' } = { type: 'list', start, items: [] }
        top.blocks.push(list)
        stack.push({ blocks: top.blocks, list })
        break
      }
      case 'list_item_open': {
        const blocks: Block[] = []
        top.list?.items.push(blocks)
        stack.push({ blocks })
        break
      }
      case 'paragraph_close':
        break
      default:
        stack.pop()
    }
  }
  return root
}

function toCode({ info, content }: Token): Block {
  const [language = ''] = info.trim().split(/\s/, 1)
  return { type: 'code', language: language.toLowerCase(), text: content.replace(/\n$/, '') }
}

/** Turns opening and closing tokens into a tree. */
function toSpans(tokens: readonly Token[]): Span[] {
  const root: Span[] = []
  const stack: Span[][] = [root]
  const add = (span: Span) => stack.at(-1)?.push(span)
  const addText = (text: string) => {
    const spans = stack.at(-1)
    const last = spans?.at(-1)
    if (last?.type === 'text') spans?.splice(-1, 1, { type: 'text', text: last.text + text })
    else if (text) add({ type: 'text', text })
  }
  let flattened = 0
  for (const token of tokens) {
    const emphasis = EMPHASIS[token.type]
    if (emphasis || token.type === 'link_open') {
      if (emphasis && stack.length > MAX_SPAN_DEPTH) {
        flattened++
        addText(token.markup)
        continue
      }
      const spans: Span[] = []
      add(emphasis ? { type: emphasis, spans } : { type: 'link', href: String(token.attrs?.[0]?.[1] ?? ''), spans })
      stack.push(spans)
    } else if (token.nesting < 0) {
      if (flattened > 0 && token.type !== 'link_close') {
        flattened--
        addText(token.markup)
      } else stack.pop()
    } else if (token.type === 'mention') {
      add({ type: 'mention', text: token.content, userId: typeof token.meta === 'string' ? token.meta : null })
    } else if (token.type === 'code_inline') add({ type: 'code', text: token.content })
    else addText(token.type === 'hardbreak' ? '\n' : token.content)
  }
  return root
}
