import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../shared/index.ts'
import { isEmojiOnly } from '../../web/src/markdown/emoji-only.ts'
import { highlightCode } from '../../web/src/markdown/highlight-code.ts'
import { parseMessage } from '../../web/src/markdown/parse-message.ts'
import { firstWords, plainSnippet } from '../../web/src/markdown/plain-text.ts'
import { mentionedIn } from '../../web/src/timeline/mention-words.ts'

/** What a hostile message may cost a reader, in milliseconds of the processor: what is quadratic takes several times that. */
const MAX_MS = 100

const NAMES = [
  { name: 'Bob Okafor', userId: 'bob' },
  { name: 'room', userId: null },
]

/** Repeated up to the length of a message. */
const PATTERNS = [
  [
    '*',
    '**',
    '**a',
    '_a _',
    '*a_',
    '**_a',
    '*_~~',
    '***a',
    'a*',
    'a**b',
    '*a **b ',
    '_',
    '__a',
    '~',
    '~~',
    '~~a~~ ',
    'x~~y',
  ],
  ['`', '``', '`a', 'a`b``c', '`[`', '```\n', '~~~\n', '> ```\n', '\\', '\\*', '*\\'],
  [
    '[',
    '[a](',
    '[a](https://a',
    '[a](https://a.b "',
    '[a](<b',
    '[a](b(c',
    '[a]( ',
    '](',
    '[](()',
    '[[a](https://a.b)',
    '*[',
    '[*a',
  ],
  [
    '![',
    '![a](',
    '![[]()',
    '[![a](https://a.b)](https://c.d)',
    '[a]',
    '[a][b]',
    '((',
    '<',
    '<a',
    '<http://',
    '<a@b',
    '<https://a.b>',
  ],
  ['https://', 'https://a)', 'https://a.b/(', '@', '@Bob', '@Bob Okafor ', '@room@'],
  [
    '>',
    '> ',
    '> \n',
    '> > > a\n',
    '\n> ',
    '- ',
    '- a\n',
    '\n- ',
    '- - - a\n',
    '-\t',
    '1. ',
    '1) a\n',
    '- > ',
    '> - ',
    '>1. - ',
    '- a\n  ',
  ],
  ['\n', 'a\n', '\t', '\t- a\n', ' ', '&', '"', '\u0301', '\u202E', '\u200D', '\u{1F600}*', '\uFDD0', '\u{1F1E9}'],
].flat()

const ascending = (piece: (index: number) => string) => {
  let text = ''
  for (let index = 1; text.length + piece(index).length <= LIMITS.content; index++) text += piece(index)
  return text
}

/** Shapes that change on their way. */
const SHAPES = [
  `${'['.repeat(4_000)}${']'.repeat(4_000)}`,
  `${'**a '.repeat(1_000)}${' a**'.repeat(1_000)}`,
  `${'*a **b'.repeat(650)}${'b** a*'.repeat(650)}`,
  `${'[a'.repeat(2_600)}${'](b)'.repeat(600)}`,
  `${'>'.repeat(3_990)}a\n${'>'.repeat(3_990)}b`,
  `${'> '.repeat(2_000)}a\n${'b\n'.repeat(1_900)}`,
  `${'- '.repeat(1_000)}a\n${'b\n'.repeat(2_900)}`,
  `${'>- '.repeat(1_000)}a\n\n${'a\n\n'.repeat(1_600)}`,
  ascending((index) => `${'  '.repeat(index)}- a\n`),
  ascending((index) => `${'`'.repeat(index)} `),
  ascending((index) => `${'> '.repeat(index)}a\n`),
]

const repeated = (pattern: string) => pattern.repeat(LIMITS.content).slice(0, LIMITS.content)
const bombs = [...PATTERNS.map(repeated), ...SHAPES]

/** The better of two, since the first also compiles. */
function cost(work: () => unknown): number {
  const once = () => {
    const before = process.threadCpuUsage()
    work()
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1_000
  }
  return Math.min(once(), once())
}

describe('a message of the greatest length costs little, whatever is in it', () => {
  test.each(bombs)('%j', (content) => {
    expect(content.length).toBeLessThanOrEqual(LIMITS.content)
    expect(cost(() => parseMessage(content, NAMES))).toBeLessThan(MAX_MS)
    expect(cost(() => mentionedIn(content, NAMES))).toBeLessThan(MAX_MS)
    expect(cost(() => firstWords(content))).toBeLessThan(MAX_MS)
    expect(cost(() => isEmojiOnly(content))).toBeLessThan(MAX_MS)
    expect(cost(() => plainSnippet({ text: content.slice(0, LIMITS.snippet), matches: [[0, 1]] }))).toBeLessThan(MAX_MS)
  })

  const CODE = [
    '$',
    'a',
    '(',
    '{',
    '[',
    '<',
    '"',
    "'",
    '`',
    '/',
    '/*',
    '//',
    '#',
    '`${',
    'a(',
    '<a>',
    '<!--',
    '=> {',
    '\\',
    '$((',
    'f"{',
    '- a: ',
    'a_',
  ]
  const LANGUAGES = ['bash', 'css', 'diff', 'go', 'java', 'js', 'json', 'py', 'rs', 'sql', 'ts', 'html', 'yaml']

  test.each(LANGUAGES)('in colors as %s', (language) => {
    for (const piece of CODE) {
      for (const line of [piece, `${piece.repeat(290 / piece.length)}\n`, `${piece}\n`]) {
        const code = repeated(line)
        expect([line, cost(() => highlightCode(code, language)) < MAX_MS * 2]).toEqual([line, true])
      }
    }
  })
})

describe('code in colors', () => {
  test('what is in the runs is what was written', () => {
    const code = 'const a: string = `x${1 + `y${2}`}` // <b>\n'
    const runs = highlightCode(code, 'ts') ?? []
    expect(runs.map(({ text }) => text).join('')).toBe(code)
    expect(runs).toContainEqual({ scope: 'keyword', text: 'const' })
    expect(runs.at(-2)).toEqual({ scope: 'comment', text: '// <b>' })
    const page = '<p style="color: red">a</p><script>let a = 1</script>'
    const mixed = highlightCode(page, 'html') ?? []
    expect(mixed.map(({ text }) => text).join('')).toBe(page)
    expect(mixed).toContainEqual({ scope: 'keyword', text: 'let' })
  })

  test('code in a language that is not known, of a line without end or of great length stays plain', () => {
    expect(highlightCode('let a', 'klingon')).toBeUndefined()
    expect(highlightCode(`let a = ${'1'.repeat(400)}`, 'js')).toBeUndefined()
    expect(highlightCode('let a\n'.repeat(3_400), 'js')).toBeUndefined()
    expect(highlightCode('let a\n'.repeat(1_000), 'js')).toBeDefined()
  })
})
