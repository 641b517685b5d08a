import type { TextToken } from './use-typed-token.ts'

/** An unfinished emoji code: at least two letters after a colon that follows no word, time or address. */
const TOKEN = /(?<![\p{L}\p{N}_:/.=?&#-]):([a-z+-][a-z0-9_+-]{1,40})$/iu
const COMPLETE = /(?<![\p{L}\p{N}_:/.=?&#-]):([a-z0-9_+-]{1,40}):$/iu
const LOOKED_AT = 64
const FENCE = /^ {0,3}```/

/** The unfinished code at the caret; undefined if there is none. */
export function shortcodeAt(text: string, caret: number): TextToken | undefined {
  return find(TOKEN, text, caret)
}

/** The code whose closing colon is before the caret. */
export function completeShortcodeAt(text: string, caret: number): TextToken | undefined {
  return find(COMPLETE, text, caret)
}

function find(pattern: RegExp, text: string, caret: number): TextToken | undefined {
  const before = text.slice(Math.max(0, caret - LOOKED_AT), caret)
  const found = pattern.exec(before)
  if (!found || isInAddress(before) || isInCode(text, caret)) return undefined
  return { at: caret - found[0].length, query: found[1] ?? '' }
}

const isInAddress = (before: string): boolean => /:\/\/\S*$/.test(before)

/** Whether a place is inside code that began on its line, or in a fence above, and has not ended. */
function isInCode(text: string, at: number): boolean {
  const lines = text.slice(0, at).split('\n')
  const line = lines.pop() ?? ''
  const isFenced = lines.filter((each) => FENCE.test(each)).length % 2 === 1
  return isFenced || line.split('`').length % 2 === 0
}
