/*
 * The text of every message begins with a mark, `^` and eight digits: by it the generator knows each message again in any
 * protocol without parsing the frame. No frame holds that sign elsewhere.
 */

const SIGN = 0x5e
const DIGITS = 8
const DIGIT_ZERO = 0x30

/** A text of `length` characters that bears this number. */
export const markedText = (mark: number, length: number): string =>
  `^${String(mark).padStart(DIGITS, '0')} `.padEnd(length, 'lorem ipsum dolor sit amet ')

/** The first mark between two places of a buffer; -1 where there is none. */
export function readMark(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(SIGN, start)
  if (at < 0 || at + DIGITS >= end) return -1
  let mark = 0
  for (let digit = at + 1; digit <= at + DIGITS; digit++) mark = mark * 10 + (bytes[digit] ?? 0) - DIGIT_ZERO
  return mark
}
