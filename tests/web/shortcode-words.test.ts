import { describe, expect, test } from 'vitest'
import { completeShortcodeAt, shortcodeAt } from '../../web/src/timeline/shortcode-words.ts'

const begun = (text: string) => shortcodeAt(text, text.length)?.query
const complete = (text: string) => completeShortcodeAt(text, text.length)?.query

describe('codes of emoji in a text', () => {
  test.each([
    ['Well done :ta', 'ta'],
    [':+1', '+1'],
    ['(:smi', 'smi'],
    ['🎉:tada', 'tada'],
    ['> :smi', 'smi'],
    ['`code` :smi', 'smi'],
    ['```\ncode\n```\n:smi', 'smi'],
  ])('%j begins one', (text, query) => {
    expect(begun(text)).toBe(query)
  })

  test.each([
    ':s',
    'at 10:30',
    'at 10:am',
    'note:this',
    'https://host:port',
    'https://host/:room',
    'https://host/a-(:room',
    'a::scope',
    '`code :smi',
    '```\ncode :smi',
    ':-)',
    ':D',
    ': no',
  ])('%j begins none', (text) => {
    expect(begun(text)).toBeUndefined()
  })

  test('a code is complete with the colon after it', () => {
    expect(complete('Done :tada:')).toBe('tada')
    expect(complete(':100:')).toBe('100')
    expect(complete(':x:')).toBe('x')
    for (const text of ['from 10:30:', '::', '`:tada:', 'https://a/:tada:', 'a:tada:']) {
      expect(complete(text)).toBeUndefined()
    }
  })

  test('what stands after the caret is not looked at', () => {
    expect(shortcodeAt('a :smile b', 5)).toEqual({ at: 2, query: 'sm' })
  })
})
