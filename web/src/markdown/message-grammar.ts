import blockquote from 'markdown-it/lib/rules_block/blockquote.mjs'
import fence from 'markdown-it/lib/rules_block/fence.mjs'
import list from 'markdown-it/lib/rules_block/list.mjs'
import StateBlock, { type BlockRule, type Grammar } from 'markdown-it/lib/rules_block/state_block.mjs'
import autolink from 'markdown-it/lib/rules_inline/autolink.mjs'
import backticks from 'markdown-it/lib/rules_inline/backticks.mjs'
import balancePairs from 'markdown-it/lib/rules_inline/balance_pairs.mjs'
import emphasis from 'markdown-it/lib/rules_inline/emphasis.mjs'
import escape from 'markdown-it/lib/rules_inline/escape.mjs'
import joinFragments from 'markdown-it/lib/rules_inline/fragments_join.mjs'
import StateInline, { type InlineRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'
import strikethrough from 'markdown-it/lib/rules_inline/strikethrough.mjs'
import type Token from 'markdown-it/lib/token.mjs'
import { addressRule, linkRule, mentionRule, plainRule } from './message-rules.ts'
import { safeHref } from './web-address.ts'

/*
 * Markdown of messages: CommonMark by the rules of markdown-it. Headings, HTML, tables, rules, entities, reference links and indented
 * code stay text. markdown-it's own drivers would bring all of those along, and the list of HTML's entities, which is larger than the
 * rest. These two drivers run only the rules that a message needs. What differs from CommonMark:
 *
 * - Every line break in the text is a line break in the message.
 * - The line after a quotation or a list is outside it, unless it has the mark or is indented.
 * - A lone list mark is text: "2." is an answer, and "- - -" a line.
 * - After the mark of a block of code there is at most one word, its language, and then at least one line: no words get lost.
 * - Blocks nest ten levels deep. Deeper marks are text.
 */

/** Users that can be mentioned here. */
export interface MentionName {
  name: string
  /** Null means everyone in the room. */
  userId: string | null
}

/** A list takes two levels, itself and its item. */
const MAX_BLOCK_LEVEL = 10
/** How deep brackets in brackets are tried as links. */
const MAX_INLINE_LEVEL = 20

const LONE_MARKS = /^(?:(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$))+$/

const FENCE = /^(?:`{3,}|~{3,})[ \t]*[\w+#.-]{0,20}[ \t]*$/

const lineAt = (state: StateBlock, line: number) =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line])

const fenceRule: BlockRule = (state, startLine, endLine, isSilent) =>
  startLine + 1 < endLine && FENCE.test(lineAt(state, startLine)) && fence(state, startLine, endLine, isSilent)

const listRule: BlockRule = (state, startLine, endLine, isSilent) =>
  !LONE_MARKS.test(lineAt(state, startLine)) && list(state, startLine, endLine, isSilent)

/** A paragraph ends at a blank line, at another block, or at a line outside of the list around it. */
const paragraphRule: BlockRule = (state, startLine, endLine) => {
  const { parentType } = state
  state.parentType = 'paragraph'
  const isOutside = (line: number) => {
    const indent = state.sCount[line] ?? 0
    return indent < state.blkIndent && indent <= Math.max(state.listIndent, 0)
  }
  const isOtherBlock = (line: number) =>
    (state.sCount[line] ?? 0) - state.blkIndent <= 3 && MARKED_BLOCKS.some((rule) => rule(state, line, endLine, true))
  let next = startLine + 1
  while (next < endLine && !state.isEmpty(next) && !isOutside(next) && !isOtherBlock(next)) next++

  const text = state.getLines(startLine, next, state.blkIndent, false).trim()
  state.line = next
  state.push('paragraph_open', 'p', 1)
  state.push('inline', '', 0).content = text
  state.push('paragraph_close', 'p', -1)
  state.parentType = parentType
  return true
}

/** `<https://example.com>`. Any other address stays text. */
const autolinkRule: InlineRule = (state, isSilent) => (isSilent || state.linkLevel === 0) && autolink(state, isSilent)

const always: BlockRule = () => true
const MARKED_BLOCKS: readonly BlockRule[] = [fenceRule, blockquote, listRule]
const BLOCKS: readonly BlockRule[] = [...MARKED_BLOCKS, paragraphRule]
const DEEPEST_BLOCKS: readonly BlockRule[] = [fenceRule, paragraphRule]

const INLINES: readonly InlineRule[] = [
  plainRule,
  escape,
  backticks,
  strikethrough.tokenize,
  emphasis.tokenize,
  linkRule,
  autolinkRule,
  mentionRule,
  addressRule,
]

const GRAMMAR: Grammar = {
  block: {
    ruler: {
      // Any line without the mark ends a quotation.
      getRules: (chain) => (chain === 'blockquote' ? [always] : [fenceRule, blockquote]),
    },
    tokenize: readBlocks,
  },
  inline: { tokenize: readInlines, skipToken: skipInline },
  normalizeLink: (address) => safeHref(address) ?? '',
  validateLink: (href) => href !== '',
  normalizeLinkText: (address) => address,
}

/** A text in blocks: tokens that open, close, or hold text. */
export function blockTokens(text: string): Token[] {
  const state = new StateBlock(text, GRAMMAR, {}, [])
  readBlocks(state, state.line, state.lineMax)
  return state.tokens
}

/**
 * A paragraph's text in stretches: tokens that open, close, or hold text.
 *
 * @param names the longest first.
 */
export function inlineTokens(text: string, names: readonly MentionName[]): Token[] {
  const state = new StateInline(text, GRAMMAR, { names }, [])
  readInlines(state)
  balancePairs(state)
  strikethrough.postProcess(state)
  emphasis.postProcess(state)
  joinFragments(state)
  return state.tokens
}

/** As markdown-it's ParserBlock does it. */
function readBlocks(state: StateBlock, startLine: number, endLine: number) {
  let hasBlank = false
  let line = startLine
  while (line < endLine) {
    line = state.skipEmptyLines(line)
    state.line = line
    if (line >= endLine || (state.sCount[line] ?? 0) < state.blkIndent) return
    const rules = state.level < MAX_BLOCK_LEVEL ? BLOCKS : DEEPEST_BLOCKS
    rules.some((rule) => rule(state, line, endLine, false))
    if (state.line <= line) throw new Error(`Unable to read a text; no rule takes line ${line}`)
    state.tight = !hasBlank
    hasBlank ||= state.isEmpty(state.line - 1)
    line = state.line
    if (line < endLine && state.isEmpty(line)) {
      hasBlank = true
      line++
      state.line = line
    }
  }
}

/** As markdown-it's ParserInline does it. */
function readInlines(state: StateInline) {
  const end = state.posMax
  while (state.pos < end) {
    const isRead = state.level < MAX_INLINE_LEVEL && INLINES.some((rule) => rule(state, false))
    if (!isRead) state.pending += state.src.charAt(state.pos++)
  }
  if (state.pending) state.pushPending()
}

/** Skips one token. Results are cached, which keeps nested brackets linear. */
function skipInline(state: StateInline) {
  const { pos, cache } = state
  const known = cache[pos]
  if (known !== undefined) {
    state.pos = known
    return
  }
  if (state.level < MAX_INLINE_LEVEL) {
    state.level++
    const isRead = INLINES.some((rule) => rule(state, true))
    state.level--
    if (!isRead) state.pos++
  } else state.pos = state.posMax
  cache[pos] = state.pos
}
