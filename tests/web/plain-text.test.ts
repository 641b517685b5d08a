import { describe, expect, test } from 'vitest'
import { isEmojiOnly } from '../../web/src/markdown/emoji-only.ts'
import { firstWords, plainSnippet, plainText } from '../../web/src/markdown/plain-text.ts'
import { candidates } from '../../web/src/timeline/mention-words.ts'

describe('a message in plain text', () => {
  test.each([
    ['The **proofs** are _here_, ~~there~~', 'The proofs are here, there'],
    ['See [the proofs](https://example.com/proofs) or https://example.com', 'See the proofs or https://example.com'],
    ['![cover](https://example.com/a.png)', 'cover'],
    ['> said\n\nanswer', 'said\nanswer'],
    ['- tea\n  - green\n- milk', '• tea\n• green\n• milk'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['```ts\nconst a = *b*\n```', 'const a = *b*'],
    ['`a*b*c` and \\*stars\\*', 'a*b*c and *stars*'],
    ['2 * 3 * 4 < 25 & [x]', '2 * 3 * 4 < 25 & [x]'],
  ])('%j', (content, expected) => {
    expect(plainText(content)).toBe(expected)
  })

  test('the first words are one line, whole characters, and no more than a line needs', () => {
    expect(firstWords('**one**\n\ntwo\n- three')).toBe('one two • three')
    expect(firstWords(`${'x'.repeat(199)}\u{1F600}`)).toBe('x'.repeat(199))
    expect(firstWords('word '.repeat(2_000))).toHaveLength(200)
  })
})

describe('what a search found', () => {
  const marked = (text: string, ...words: string[]) =>
    plainSnippet({ text, matches: words.map((word) => [text.indexOf(word), word.length]) })
      .map(({ text, isMatch }) => (isMatch ? `{${text}}` : text))
      .join('')

  test.each([
    ['the **proofs** are [here](https://example.com/proofs)', ['proofs', 'here'], 'the {proofs} are {here}'],
    ['`code here` and _word_', ['code', 'word'], '{code} here and {word}'],
    ['- one\n- two', ['one', 'two'], '• {one}\n• {two}'],
    ['https://example.com/word here', ['word'], 'https://example.com/{word} here'],
    ['…**cut', ['cut'], '…**{cut}'],
    ['snake_word_case', ['word'], 'snake_{word}_case'],
    ['a \uFDD0 b\uFDD1 word', ['word'], 'a  b {word}'],
    ['[words](https://example.com/target)', ['target'], 'words'],
  ])('%j shows without its marks', (text, words, expected) => {
    expect(marked(text, ...words)).toBe(expected)
  })
})

test('a message is large that is one to six emoji and nothing else', () => {
  for (const content of ['👍', '❤️', '👍🏽 🎉\n', '👨‍👩‍👧‍👦🏳️‍🌈🇩🇪1️⃣', '😀'.repeat(6)])
    expect([content, isEmojiOnly(content)]).toEqual([content, true])
  for (const content of ['', ' ', '1', '#', '12', '©', '👍 ok', ':)', '🇩', '😀'.repeat(7)])
    expect([content, isEmojiOnly(content)]).toEqual([content, false])
})

describe('what stands for everybody after an @', () => {
  const people = ['Eve', 'Rita', 'Heribert'].map((name) => ({
    id: name.toLowerCase(),
    name,
    pictureUrl: null,
    isBot: false,
  }))
  const offered = (query: string, mayRoom = true) =>
    candidates(people, query, mayRoom).map((user) => user?.name ?? '@room')

  test('the names that other programs have lead to @room, after the people who are called so', () => {
    expect(offered('e')).toEqual(['Eve', '@room'])
    expect(offered('everyone')).toEqual(['@room'])
    expect(offered('her')).toEqual(['Heribert', '@room'])
    expect(offered('chan')).toEqual(['@room'])
    expect(offered('r')).toEqual(['@room', 'Rita'])
    expect(offered('x')).toEqual([])
  })

  test('nobody is offered what they may not use', () => {
    for (const query of ['everyone', 'here', 'channel', 'room']) expect(offered(query, false)).toEqual([])
  })

  test('a list that is full keeps a place for it', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      id: `e${index}`,
      name: `Eve ${index}`,
      pictureUrl: null,
      isBot: false,
    }))
    const list = candidates(many, 'e', true)
    expect(list).toHaveLength(6)
    expect(list.at(-1)).toBeNull()
  })
})
