/** A range of a JSON text: one element of an array, one member of an object, or the whole text. */
export interface JsonPart {
  /** Byte offsets, the end exclusive. */
  start: number
  end: number
  /** An upper bound on the number of values in it. */
  values: number
  /** The levels of arrays and objects in it, itself included. */
  depth: number
}

export interface JsonParts {
  whole: JsonPart
  /** The elements of the array, or the members of the object; undefined if the text is something else, or malformed. */
  parts: JsonPart[] | undefined
}

interface SplitOptions {
  /** What to split. A text that is something else is not split. */
  split: 'array' | 'object'
  /** Splitting stops at one part more than this. */
  maxParts: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * Splits a JSON text at its outermost level and measures each part without parsing it: one pass over the bytes, which builds
 * nothing else. Half a MiB takes a millisecond, where `JSON.parse` of hostile text takes up to eighty. A part can then be refused
 * for its size, its number of values or its depth. `JSON.parse` decides whether a part is JSON. A text whose outermost level is
 * malformed (it does not end, or something follows it) is not split.
 */
export function splitJson(bytes: Uint8Array, { split, maxParts }: SplitOptions): JsonParts {
  let at = 0
  while (isSpace(bytes[at])) at++
  const whole: JsonPart = { start: at, end: bytes.length, values: 1, depth: 0 }
  const isSplit = bytes[at] === (split === 'array' ? OPEN_BRACKET : OPEN_BRACE)
  const parts: JsonPart[] | undefined = isSplit ? [] : undefined
  let part: JsonPart = { start: at + 1, end: 0, values: 1, depth: 0 }
  let depth = 0
  const endPart = (end: number) => {
    part.end = end
    parts?.push(part)
    part = { start: end + 1, end: 0, values: 1, depth: 0 }
  }
  for (; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfString(bytes, at)
        break
      case COMMA:
        whole.values++
        if (depth === 1) {
          if (isSplit) endPart(at)
          if (parts && parts.length > maxParts) return { whole, parts }
        } else part.values++
        break
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++
        whole.values++
        part.values++
        if (depth > whole.depth) whole.depth = depth
        if (depth - 1 > part.depth) part.depth = depth - 1
        break
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth--
        if (depth > 0) break
        if (!isBlank(bytes, at + 1, bytes.length)) return { whole, parts: undefined }
        if (isSplit && (parts?.length || !isBlank(bytes, part.start, at))) endPart(at)
        whole.end = at + 1
        return { whole, parts }
    }
  }
  return { whole, parts: undefined }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isSpace(bytes[at])) return false
  return true
}

/** The index of the closing quote; the end of the bytes if there is none. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++
    else if (bytes[at] === QUOTE) return at
  }
  return bytes.length
}
