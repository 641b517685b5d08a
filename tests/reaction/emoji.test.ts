import { describe, expect, test } from 'vitest'
import { emoji } from '../../shared/emoji.ts'

/** What is taken for one emoji, as it is kept; undefined where it is refused. */
const taken = (text: string) => emoji.safeParse(text).data

describe('an emoji', () => {
  test.each([
    ['a pictograph', '👍'],
    ['one with a skin tone', '👍🏽'],
    ['a person with a profession', '👩‍🚀'],
    ['one with a skin tone as well', '👩🏾‍🚀'],
    ['a family', '👨‍👩‍👧‍👦'],
    ['two people, each with a skin tone', '🧑🏻‍❤️‍💋‍🧑🏿'],
    ['a flag', '🇵🇱'],
    ['the flag of a region', '🏴󠁧󠁢󠁷󠁬󠁳󠁿'],
    ['a flag of its own', '🏳️‍🌈'],
    ['a keycap', '#️⃣'],
    ['a sign that also shows as text', '©️'],
    ['a sequence that one platform alone shows as one', '🐱‍👤'],
  ])('may be %s: %s', (_, text) => {
    expect(taken(text)).toBe(text)
  })

  test.each([
    ['❤', '❤️'],
    ['1\u20e3', '1️⃣'],
    ['😀\ufe0f', '😀'],
    ['🏴\u200d☠', '🏴‍☠️'],
    ['👁\u200d🗨', '👁️‍🗨️'],
    ['☝🏽', '☝🏽'],
  ])('has one spelling: %j is %j', (typed, kept) => {
    expect(taken(typed)).toBe(kept)
    expect(taken(kept)).toBe(kept)
  })

  test('of one code point is exactly what Unicode lists, in the spelling that it recommends', () => {
    const listed = (text: string) => /^\p{RGI_Emoji}$/v.test(text)
    const faults: string[] = []
    // The planes above hold none.
    for (let point = 0; point < 0x20000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue
      const text = String.fromCodePoint(point)
      const expected = [text, `${text}\ufe0f`].find(listed)
      if (taken(text) !== expected) faults.push(point.toString(16))
    }
    expect(faults).toEqual([])
  })
})
