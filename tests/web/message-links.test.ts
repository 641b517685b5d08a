import { describe, expect, test } from 'vitest'
import { splitLinks } from '../../web/src/timeline/message-links.ts'

const linksIn = (content: string) => splitLinks(content).flatMap(({ href }) => href ?? [])

describe('links in a message', () => {
  test.each([
    ['See https://example.com/proofs for more', ['https://example.com/proofs']],
    ['It is at http://example.com.', ['http://example.com/']],
    ['(https://example.com/a), https://example.com/b!', ['https://example.com/a', 'https://example.com/b']],
    ['https://en.wikipedia.org/wiki/Print_(printing)', ['https://en.wikipedia.org/wiki/Print_(printing)']],
    ['https://example.com/?q=a&b=c#d', ['https://example.com/?q=a&b=c#d']],
    ['"https://example.com/quoted"', ['https://example.com/quoted']],
  ])('%s', (content, links) => {
    expect(linksIn(content)).toEqual(links)
  })

  test.each([
    'javascript:alert(1)',
    'JAVASCRIPT://example.com/%0Aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:https',
    'https://',
    'https:// example.com',
    'ftp://example.com',
    'nohttps://example.com',
  ])('%s is no link', (content) => {
    expect(linksIn(content)).toEqual([])
  })

  test('whatever becomes a link, the text stays what was written', () => {
    for (const content of [
      '',
      ' ',
      'a https://example.com, b',
      'https://a.example https://b.example)',
      'عربي https://c.example نص',
    ]) {
      const stretches = splitLinks(content)
      expect(stretches.map(({ text }) => text).join('')).toBe(content)
      expect(new Set(stretches.map(({ at }) => at)).size).toBe(stretches.length)
    }
  })
})
