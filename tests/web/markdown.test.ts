import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../shared/index.ts'
import { parseBlocks } from '../../web/src/markdown/markdown-blocks.ts'
import { type MentionName, parseSpans, type Span } from '../../web/src/markdown/markdown-spans.ts'
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

const textOf = (spans: readonly Span[]): string =>
  spans.map((span) => ('spans' in span ? textOf(span.spans) : span.text)).join('')

const depthOf = (spans: readonly Span[]): number =>
  Math.max(0, ...spans.map((span) => ('spans' in span ? 1 + depthOf(span.spans) : 0)))

describe('Markdown in a message', () => {
  test.each([
    ['**bold** and *leaning*, _too_', '<p><strong>bold</strong> and <em>leaning</em>, <em>too</em></p>'],
    ['***both***', '<p><strong><em>both</em></strong></p>'],
    ['**a *b* c** ~~gone~~', '<p><strong>a <em>b</em> c</strong> <del>gone</del></p>'],
    ['use `a*b*c` here', '<p>use <code>a*b*c</code> here</p>'],
    ['one\ntwo', '<p>one\ntwo</p>'],
    ['```ts\nconst a = *b*\n```\nafter', '<pre><code>const a = *b*</code></pre><p>after</p>'],
    ['> said\n> **before**\nanswer', '<blockquote>said\n<strong>before</strong></blockquote><p>answer</p>'],
    ['- tea\n- *milk*', '<ul><li>tea</li><li><em>milk</em></li></ul>'],
    ['3. three\n4. four', '<ol><li>three</li><li>four</li></ol>'],
    ['\\*as written\\*', '<p>*as written*</p>'],
  ])('%j', (content, expected) => {
    expect(outline(content)).toBe(expected)
  })

  test.each([
    '2*3*4 = 24',
    'snake_case_name and __init',
    'a *not closed',
    '**',
    'a ** b ** c',
    '```\nnever ended',
    '`half',
    'a@b.example',
    '[text](no address)',
    '-not a list',
    '~one~',
  ])('%j stays as it is written', (content) => {
    expect(html(content)).toBe(`<p>${content}</p>`)
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
    const known = /<\/?(?:p|strong|em|del|code|pre|blockquote|ul|ol|li|a|bdi)(?: [a-z-]+="[^"<>]*")*>/g
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

  test('what nests without end nests four deep at most', () => {
    for (const mark of ['*', '**', '_', '~~', '***', '*_', '**_~~*', '[', '> ', '- ', '(`']) {
      const spans = parseSpans(mark.repeat(2_000))
      expect(depthOf(spans)).toBeLessThanOrEqual(4)
      const words = parseSpans(`${`${mark}a `.repeat(1_000)}${` a${mark}`.repeat(1_000)}`)
      expect(depthOf(words)).toBeLessThanOrEqual(4)
    }
    expect(outline(`${'>'.repeat(5_000)} deep`)).toBe('<blockquote>deep</blockquote>')
  })

  test('whatever is written, no letter of it is lost', () => {
    const alphabet = [
      '*',
      '**',
      '_',
      '~~',
      '`',
      '[',
      '](',
      ')',
      'https://a.b',
      ' ',
      'x',
      '@room',
      '@Bob Okafor',
      '>',
      '<',
    ]
    let seed = 7
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    for (let run = 0; run < 3_000; run++) {
      const line = Array.from({ length: 12 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
      const letters = (text: string) => text.replaceAll(/[*_~`[\]()]/g, '')
      const written = line.replaceAll(/\[([^[\]]+)\]\(https:[^\s()[\]<>"'`]+\)/g, '$1')
      expect(letters(textOf(parseSpans(line, NAMES)))).toBe(letters(written))
    }
  })

  test('time grows with the length alone', () => {
    const bombs = [
      '*',
      '**a',
      '_a _',
      '~~',
      '`',
      '``',
      '[',
      '[a](',
      '[a](https://a',
      'https://',
      'https://a)',
      '@',
      '@Bob Okafor',
      '>',
      '> ',
      '- ',
      '\\',
      '```\n',
      '1. ',
      '\u0301',
      '\u202E',
      '\u200D',
      '***a',
      'a*',
      '~',
    ]
    const timed = (content: string) => {
      const before = performance.now()
      parseBlocks(content, NAMES)
      return performance.now() - before
    }
    const size = LIMITS.content * 10
    for (const bomb of bombs) {
      const content = bomb.repeat(Math.ceil(size / bomb.length)).slice(0, size)
      timed(content.slice(0, LIMITS.content))
      // Ten times a message's length: what is quadratic takes tens of seconds here.
      expect([bomb, Math.min(timed(content), timed(content)) < 1_500]).toEqual([bomb, true])
    }
  })
})
