import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { RichText } from '../../web/src/markdown/rich-text.tsx'
import { COMMONMARK_EXAMPLES } from './commonmark-examples.ts'

/** As the specification writes it: without the page's own attributes, and without what stands beside a block of code. */
const html = (content: string) =>
  renderToStaticMarkup(createElement(RichText, { content, names: [], viewerId: '' }))
    .replaceAll(/<button.*?<\/button><output.*?<\/output>/g, '')
    .replaceAll(/<div class="text-code"><div class="text-code-scroll"[^>]*>(.*?)<\/div><\/div>/gs, '$1')
    .replaceAll(/ (?:class|dir|title|target|rel)="[^"]*"/g, '')
    .replaceAll('&#x27;', "'")
    .replaceAll('&quot;', '"')

describe.each(Object.entries(COMMONMARK_EXAMPLES))('CommonMark: %s', (_, examples) => {
  test.each(examples)('example %i: %j', (_, markdown, expected) => {
    expect(html(markdown)).toBe(expected)
  })
})
