/*
 * The parts of markdown-it that the page uses, as it uses them. The package comes without types, and those beside it describe the whole
 * parser: here the parser that a state belongs to is the page's own (`message-grammar.ts`).
 */

declare module 'markdown-it/lib/token.mjs' {
  export default class Token {
    type: string
    nesting: -1 | 0 | 1
    attrs: [name: string, value: string | number][] | null
    content: string
    markup: string
    info: string
    meta: unknown
    /** Of a paragraph in a list without blank lines. */
    hidden: boolean
  }
}

declare module 'markdown-it/lib/rules_block/state_block.mjs' {
  import type StateInline from 'markdown-it/lib/rules_inline/state_inline.mjs'
  import type Token from 'markdown-it/lib/token.mjs'

  /** What rules use of the parser that runs them. */
  export interface Grammar {
    block: {
      ruler: { getRules(chain: string): readonly BlockRule[] }
      tokenize(state: StateBlock, startLine: number, endLine: number): void
    }
    inline: {
      tokenize(state: StateInline): void
      skipToken(state: StateInline): void
    }
    validateLink(address: string): boolean
    normalizeLink(address: string): string
    normalizeLinkText(address: string): string
  }

  /** A text read line by line; arrays have an entry for each line. */
  export default class StateBlock {
    constructor(src: string, md: Grammar, env: object, tokens: Token[])
    readonly src: string
    readonly tokens: Token[]
    /** Where a line begins, and where it ends. */
    readonly bMarks: number[]
    readonly eMarks: number[]
    /** Characters of indentation. */
    readonly tShift: number[]
    /** Columns of indentation. */
    readonly sCount: number[]
    /** Columns that belong to the list around the line. */
    blkIndent: number
    listIndent: number
    line: number
    readonly lineMax: number
    tight: boolean
    parentType: string
    readonly level: number
    push(type: string, tag: string, nesting: -1 | 0 | 1): Token
    isEmpty(line: number): boolean
    skipEmptyLines(from: number): number
    getLines(begin: number, end: number, indent: number, keepLastLF: boolean): string
  }
  export type BlockRule = (state: StateBlock, startLine: number, endLine: number, isSilent: boolean) => boolean
}

declare module 'markdown-it/lib/rules_block/blockquote.mjs' {
  import type { BlockRule } from 'markdown-it/lib/rules_block/state_block.mjs'

  const blockquote: BlockRule
  export default blockquote
}

declare module 'markdown-it/lib/rules_block/fence.mjs' {
  import type { BlockRule } from 'markdown-it/lib/rules_block/state_block.mjs'

  const fence: BlockRule
  export default fence
}

declare module 'markdown-it/lib/rules_block/list.mjs' {
  import type { BlockRule } from 'markdown-it/lib/rules_block/state_block.mjs'

  const list: BlockRule
  export default list
}

declare module 'markdown-it/lib/rules_inline/state_inline.mjs' {
  import type { Grammar } from 'markdown-it/lib/rules_block/state_block.mjs'
  import type Token from 'markdown-it/lib/token.mjs'

  export interface InlineEnv {
    names: readonly { name: string; userId: string | null }[]
  }

  /** A paragraph read character by character. */
  export default class StateInline {
    constructor(src: string, md: Grammar, env: InlineEnv, tokens: Token[])
    readonly src: string
    readonly env: InlineEnv
    readonly tokens: Token[]
    pos: number
    posMax: number
    level: number
    /** Text that no token has yet. */
    pending: string
    linkLevel: number
    readonly md: Grammar
    /** What `skipToken` has found: the end of the token that begins at a position. */
    readonly cache: Record<number, number>
    push(type: string, tag: string, nesting: -1 | 0 | 1): Token
    pushPending(): Token
  }
  export type InlineRule = (state: StateInline, isSilent: boolean) => boolean
  export type PairRule = (state: StateInline) => void
}

declare module 'markdown-it/lib/rules_inline/backticks.mjs' {
  import type { InlineRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const backticks: InlineRule
  export default backticks
}

declare module 'markdown-it/lib/rules_inline/escape.mjs' {
  import type { InlineRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const escape: InlineRule
  export default escape
}

declare module 'markdown-it/lib/rules_inline/autolink.mjs' {
  import type { InlineRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const autolink: InlineRule
  export default autolink
}

declare module 'markdown-it/lib/rules_inline/emphasis.mjs' {
  import type { InlineRule, PairRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const emphasis: { tokenize: InlineRule; postProcess: PairRule }
  export default emphasis
}

declare module 'markdown-it/lib/rules_inline/strikethrough.mjs' {
  import type { InlineRule, PairRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const strikethrough: { tokenize: InlineRule; postProcess: PairRule }
  export default strikethrough
}

declare module 'markdown-it/lib/rules_inline/balance_pairs.mjs' {
  import type { PairRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const balancePairs: PairRule
  export default balancePairs
}

declare module 'markdown-it/lib/rules_inline/fragments_join.mjs' {
  import type { PairRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'

  const joinFragments: PairRule
  export default joinFragments
}

declare module 'markdown-it/lib/helpers/parse_link_label.mjs' {
  import type StateInline from 'markdown-it/lib/rules_inline/state_inline.mjs'

  /** The end of the label that begins at a bracket; -1 where there is none. */
  const parseLinkLabel: (state: StateInline, start: number, isWithoutLinks: boolean) => number
  export default parseLinkLabel
}

declare module 'markdown-it/lib/common/utils.mjs' {
  /** Without the backslashes before punctuation. */
  export function unescapeMd(text: string): string
}
