import { describe, expect, test } from 'vitest'
import { emoji } from '../../shared/emoji.ts'
import { EMOJI_GROUPS, emojiOfCode, findEmojis, nameOfEmoji } from '../../web/src/emoji/emoji-catalog.ts'

const found = (query: string) => findEmojis(query, 6).map((each) => each.emoji)

describe('the names of emoji', () => {
  test('the server accepts every emoji of the catalog, in the spelling that it stores', () => {
    const all = EMOJI_GROUPS.flatMap(({ emojis }) => emojis.map((each) => each.emoji))
    expect(all.length).toBeGreaterThan(1_800)
    expect(new Set(all).size).toBe(all.length)
    for (const each of all) expect(emoji.parse(each)).toBe(each)
  })

  test('codes come first, the shortest before the others, then words of names and keywords', () => {
    expect(found('smi').slice(0, 2)).toEqual(['😄', '😏'])
    expect(found('+1')[0]).toBe('👍')
    expect(found('tada')).toEqual(['🎉'])
    // A keyword, and words of a name in any order.
    expect(found('hooray')).toContain('🎉')
    expect(found('popper party')).toEqual(['🎉'])
    expect(found('TADA')).toEqual(['🎉'])
    expect(found('no such thing')).toEqual([])
    expect(findEmojis('a', 3)).toHaveLength(3)
  })

  test('a code stands for one emoji, and an emoji has a name', () => {
    expect([emojiOfCode('tada'), emojiOfCode('THUMBSUP'), emojiOfCode('100')]).toEqual(['🎉', '👍', '💯'])
    expect(emojiOfCode('constructor')).toBeUndefined()
    expect([nameOfEmoji('🎉'), nameOfEmoji('x')]).toEqual(['Party popper', undefined])
  })
})
