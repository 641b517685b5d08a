import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import type { MentionName } from '../../web/src/markdown/message-grammar.ts'
import { type Block, parseMessage, type Span } from '../../web/src/markdown/parse-message.ts'
import { plainText } from '../../web/src/markdown/plain-text.ts'
import { RichText } from '../../web/src/markdown/rich-text.tsx'
import { safeText } from '../../web/src/markdown/safe-text.ts'

const NAMES: MentionName[] = [
  { name: 'Bob Okafor-Lind', userId: 'bob-lind' },
  { name: 'Bob Okafor', userId: 'bob' },
  { name: 'room', userId: null },
]

const html = (content: string, names: readonly MentionName[] = NAMES) =>
  renderToStaticMarkup(createElement(RichText, { content, names, viewerId: 'bob' }))

/** The elements, without attributes. */
const outline = (content: string) => html(content).replaceAll(/<(\w+)[^>]*>/g, '<$1>')

const linksIn = (content: string) => [...html(content).matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

/** How many elements stand within each other. */
function depthOf(parts: readonly (Block | Span)[]): number {
  const within = (part: Block | Span): number => {
    if ('spans' in part) return depthOf(part.spans)
    if ('blocks' in part) return depthOf(part.blocks)
    return 'items' in part ? depthOf(part.items.flat()) + 1 : 0
  }
  return Math.max(0, ...parts.map((part) => 1 + within(part)))
}

describe('Markdown in a message', () => {
  test.each([
    ['**bold** and *leaning*, _too_', '<p><strong>bold</strong> and <em>leaning</em>, <em>too</em></p>'],
    ['***both***', '<p><em><strong>both</strong></em></p>'],
    ['__bold__ and **_both_**', '<p><strong>bold</strong> and <strong><em>both</em></strong></p>'],
    ['**a *b* c** ~~gone~~', '<p><strong>a <em>b</em> c</strong> <del>gone</del></p>'],
    ['[an *italic* link](https://example.com)', '<p><a>an <em>italic</em> link</a></p>'],
    ['![the cover](https://example.com/a.png)', '<p><a>the cover</a></p>'],
    ['![](https://example.com/a.png)', '<p><a>https://example.com/a.png</a></p>'],
    ['[![cover](https://example.com/a.png)](https://example.com)', '<p><a>cover</a></p>'],
    ['use `a*b*c` here', '<p>use <code>a*b*c</code> here</p>'],
    ['one\ntwo', '<p>one\ntwo</p>'],
    ['one\n\n\ntwo', '<p>one</p><p>two</p>'],
    ['one\n    two', '<p>one\n    two</p>'],
    ['one\\\ntwo', '<p>one\ntwo</p>'],
    ['> said\n> **before**\nanswer', '<blockquote><p>said\n<strong>before</strong></p></blockquote><p>answer</p>'],
    [
      '> said\n> > before\nanswer',
      '<blockquote><p>said</p><blockquote><p>before</p></blockquote></blockquote><p>answer</p>',
    ],
    ['- tea\n- *milk*', '<ul><li>tea</li><li><em>milk</em></li></ul>'],
    ['- tea\nThanks!', '<ul><li>tea</li></ul><p>Thanks!</p>'],
    [
      '- tea\n  - green\n    1. first\n- milk',
      '<ul><li>tea<ul><li>green<ol><li>first</li></ol></li></ul></li><li>milk</li></ul>',
    ],
    ['- tea\n\n- milk', '<ul><li><p>tea</p></li><li><p>milk</p></li></ul>'],
    ['3. three\n4. four', '<ol><li>three</li><li>four</li></ol>'],
    ['\\*as written\\*', '<p>*as written*</p>'],
  ])('%j', (content, expected) => {
    expect(outline(content)).toBe(expected)
  })

  test('a block of code keeps what it says, and its button copies it', () => {
    const block = html('```ts\nconst a = *b*\n\n    <c>\n```\nafter')
    expect(block).toContain('<pre dir="ltr"><code>const a = *b*\n\n    &lt;c&gt;</code></pre>')
    expect(block).toContain('aria-label="Copy code"')
    expect(block).toMatch(/<p>after<\/p>$/)
    expect(html('```\nnever ended')).toContain('<code>never ended</code>')
  })

  test.each([
    'snake_case_name and __init',
    'a *not closed',
    '**',
    'a ** b ** c',
    '`half',
    '```',
    '``` two words\nand more',
    '~~~ two words',
    'a@b.example',
    '[text](no address)',
    '[text]',
    '-not a list',
    '2.',
    '-',
    '- - -',
    '---',
    '***',
    '~one~',
    '# no heading',
    'no heading\n===',
    '| no | table |',
    '&copy;',
  ])('%j stays as it is written', (content) => {
    expect(html(content)).toBe(`<p>${content.replaceAll('&', '&amp;')}</p>`)
  })

  test('the start of a numbered list is kept', () => {
    expect(html('7. seven')).toContain('start="7"')
  })

  test('an @ names whom the message mentions, the longest name first, and marks who reads', () => {
    expect(html('Hello @Bob Okafor-Lind')).toContain('<bdi class="mention">@Bob Okafor-Lind</bdi>')
    expect(html('Hello @Bob Okafor!')).toContain('<bdi class="mention" data-own="true">@Bob Okafor</bdi>!')
    expect(html('@room now')).toContain('data-own="true">@room</bdi> now')
    for (const none of ['@Bob Okaforsson', 'me@room', '@Chiara', '@ room']) expect(html(none)).not.toContain('<bdi')
    expect(html('**@Bob Okafor**')).toContain('<strong><bdi')
  })
})

describe('links in a message', () => {
  test.each([
    ['See https://example.com/proofs for more', ['https://example.com/proofs']],
    ['It is at http://example.com.', ['http://example.com/']],
    ['(https://example.com/a), https://example.com/b!', ['https://example.com/a', 'https://example.com/b']],
    ['https://en.wikipedia.org/wiki/Print_(printing)', ['https://en.wikipedia.org/wiki/Print_(printing)']],
    ['https://example.com/?q=a&b=c#d', ['https://example.com/?q=a&amp;b=c#d']],
    ['"https://example.com/quoted"', ['https://example.com/quoted']],
    ['**https://example.com/bold**', ['https://example.com/bold']],
    ['[the proofs](https://example.com/proofs)', ['https://example.com/proofs']],
    ['a_https://example.com', []],
    ['[write](mailto:bob@example.com)', ['mailto:bob@example.com']],
    ['<https://example.com/a>, <bob@example.com>', ['https://example.com/a', 'mailto:bob@example.com']],
    ['[the <https://example.com/a> proofs](https://example.com/b)', ['https://example.com/b']],
    [
      '[a](https://example.com/a) [b](https://example.com/b "title") [c](<https://example.com/c>)',
      ['https://example.com/a', 'https://example.com/b', 'https://example.com/c'],
    ],
  ])('%s', (content, links) => {
    expect(linksIn(content)).toEqual(links)
  })

  test.each([
    'javascript:alert(1)',
    '[press](javascript:alert(1))',
    '[press](JaVaScRiPt://example.com/%0Aalert(1))',
    '[press](data:text/html,<script>alert(1)</script>)',
    '[press](https://example.com/" onmouseover="alert(1))',
    '[press]( https://example.com)',
    '[press](//example.com)',
    'JAVASCRIPT://example.com/%0Aalert(1)',
    'vbscript:https',
    'https://',
    'https:// example.com',
    'ftp://example.com',
    'nohttps://example.com',
    '<javascript:alert(1)>',
    '<data:text/html,x>',
    '![x](javascript:alert(1))',
    '[press](java\nscript:alert(1))',
    '[press](javascript&colon;alert(1))',
    '[press](file:///etc/passwd)',
    '[press](\\javascript:alert(1))',
  ])('%s is no link to anything but the web', (content) => {
    for (const href of linksIn(content)) expect(href).toMatch(/^https:\/\/example\.com\//)
    expect(html(content)).not.toMatch(/<script|<[^>]*\son\w+=|href="(?!https?:)/)
  })

  test('a link says where it leads, whatever its words are', () => {
    expect(html('[https://bank.example](https://thief.example)')).toContain('title="https://thief.example/"')
  })
})

describe('hostile text', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror="alert(1)">',
    '`<b>`',
    '```\n<iframe src="//x">\n```',
    '> <svg onload=alert(1)>',
    '- <a href="javascript:alert(1)">x</a>',
    '[<img src=x>](https://example.com)',
    '@<b>',
    '&lt;script&gt;',
  ])('%j shows as written', (content) => {
    const known =
      /<\/?(?:p|strong|em|del|code|pre|blockquote|ul|ol|li|a|bdi|div|button|output|svg|path|rect|span)(?: [a-zA-Z-]+="[^"<>]*")*>/g
    expect(html(content).replaceAll(known, '')).not.toMatch(/[<>]/)
  })

  test('directions are not turned around, and letters and emoji keep what they need', () => {
    expect(safeText('photo\u202Egnp.exe \u2066a\u2069')).toBe('photognp.exe a')
    for (const text of ['👩‍👩‍👧‍👦', 'می\u200Cخواهم', 'שָׁלוֹם', 'a\u200Fb', 'Z\u0301\u0302'])
      expect(safeText(text)).toBe(text)
  })

  test('marks on a letter are as many as a script has', () => {
    expect(safeText(`e${'\u0301'.repeat(10_000)}!`)).toBe(`e${'\u0301'.repeat(8)}!`)
  })

  test('a zero-width character ends an address', () => {
    expect(linksIn('https://exam\u200Bple.com')).toEqual(['https://exam/'])
  })

  const NESTING = ['*', '**', '_', '~~', '***', '*_', '**_~~*', '[', '> ', '- ', '1. ', '> - ', '- > ', '(`', '![']

  test('what nests without end nests twenty deep at most', () => {
    for (const mark of NESTING) {
      expect(depthOf(parseMessage(mark.repeat(2_000)))).toBeLessThanOrEqual(20)
      const words = `${`${mark}a `.repeat(1_000)}${` a${mark}`.repeat(1_000)}`
      expect(depthOf(parseMessage(words))).toBeLessThanOrEqual(20)
      expect(html(words).length).toBeGreaterThan(0)
    }
    const nested = Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth * 2)}- ${depth}`).join('\n')
    expect(depthOf(parseMessage(nested))).toBeLessThanOrEqual(20)
    for (const letter of ['deep', '99']) expect(plainText(`${'>'.repeat(500)} deep\n\n${nested}`)).toContain(letter)
  })

  test('whatever is written, no letter of it is lost', () => {
    const alphabet = [
      ['*', '**', '_', '~~', '`', '[', '](', ')', ' ', 'x', '@room', '@Bob Okafor', '>', '<', '!', '\n', '\n\n'],
      [
        '- ',
        '1. ',
        '    ',
        '```\n',
        '> ',
        '<https://a.b>',
        'https://a.b',
        '[y](https://a.b "t")',
        '\\',
        '#',
        '&',
        '\t',
      ],
    ].flat()
    let seed = 7
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const count = (text: string) => text.split('x').length
    for (let run = 0; run < 3_000; run++) {
      const line = Array.from({ length: 14 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
      // One word after a fence names the language.
      const written = line.replaceAll(/(?:```|~~~+)[ \t]*x*[ \t]*\n/g, '')
      const shown = html(line).replaceAll(/<[^>]*>/g, '')
      expect([line, count(shown) >= count(written)]).toEqual([line, true])
      expect([line, count(shown) <= count(line)]).toEqual([line, true])
    }
  })
})
