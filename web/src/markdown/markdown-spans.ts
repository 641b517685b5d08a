import { addressLike, safeHref, toAddress } from './web-address.ts'

/** A stretch of a line. */
export type Span =
  | { type: 'text' | 'code'; text: string }
  /** Only ever http or https. */
  | { type: 'link'; text: string; href: string }
  /** Somebody by name; null is everybody in the room. */
  | { type: 'mention'; text: string; userId: string | null }
  | { type: Emphasis; spans: Span[] }

export type Emphasis = 'strong' | 'em' | 'del'

/** Who can stand after an @ here. */
export interface MentionName {
  name: string
  userId: string | null
}

/** A beginning whose end is not found yet. At the bottom of the stack is the line itself. */
interface Frame {
  mark: string
  spans: Span[]
}

const EMPHASIS: Record<string, Emphasis> = { '**': 'strong', '*': 'em', _: 'em', '~~': 'del' }
const NEXT_SPECIAL = /[\\`[@*_~]|(?<![\p{L}\p{N}_])https?:\/\//giu
const CODE = /`([^`]+)`/y
const LINK = /\[([^[\]]+)\]\((https?:\/\/[^\s()[\]<>"'`\p{C}]+)\)/iuy
const ESCAPABLE = /[\\`*_~[\]()>#+.-]/
const WORD = /[\p{L}\p{N}]/u
const SPACE = /\s/

/**
 * One line in stretches, read once from left to right. A mark without its other half is text, and no kind of emphasis stands within
 * itself, so neither time nor depth grows with what somebody makes up.
 *
 * @param names the longest first.
 */
export function parseSpans(line: string, names: readonly MentionName[] = []): Span[] {
  return new SpanReader(line, names).read()
}

class SpanReader {
  readonly #line: string
  readonly #names: readonly MentionName[]
  readonly #stack: Frame[] = [{ mark: '', spans: [] }]
  #at = 0

  constructor(line: string, names: readonly MentionName[]) {
    this.#line = line
    this.#names = names
  }

  read(): Span[] {
    const special = new RegExp(NEXT_SPECIAL)
    while (this.#at < this.#line.length) {
      special.lastIndex = this.#at
      const next = special.exec(this.#line)?.index ?? this.#line.length
      this.#text(next)
      if (next < this.#line.length) this.#special()
    }
    while (this.#stack.length > 1) this.#flatten()
    return this.#top.spans
  }

  get #top(): Frame {
    const top = this.#stack.at(-1)
    if (!top) throw new Error('Unable to read a line; its stack is empty')
    return top
  }

  #special() {
    const character = this.#line.charAt(this.#at)
    if (character === '\\') return this.#escape()
    if (character === '`') return this.#code()
    if (character === '[') return this.#link()
    if (character === '@') return this.#mention()
    if (character === '*' || character === '_' || character === '~') return this.#emphasis(character)
    this.#address()
  }

  #escape() {
    if (ESCAPABLE.test(this.#line.charAt(this.#at + 1))) this.#at++
    this.#text(this.#at + 1)
  }

  #code() {
    const [found, text] = this.#match(CODE) ?? []
    if (!found || text === undefined) return this.#text(this.#at + 1)
    this.#span({ type: 'code', text }, found.length)
  }

  #link() {
    const [found, text, address] = this.#match(LINK) ?? []
    const href = address === undefined ? undefined : safeHref(address)
    if (!found || !text?.trim() || href === undefined) return this.#text(this.#at + 1)
    this.#span({ type: 'link', text, href }, found.length)
  }

  #address() {
    const found = addressLike(this.#line, this.#at) ?? 'http://'
    const address = toAddress(found)
    if (!address) return this.#text(this.#at + found.length)
    this.#span({ type: 'link', ...address }, address.text.length)
  }

  #mention() {
    const begin = this.#at + 1
    const isWord = isWordAt(this.#line, this.#at - 1)
    const named = isWord
      ? undefined
      : this.#names.find(({ name }) => this.#line.startsWith(name, begin) && !isWordAt(this.#line, begin + name.length))
    if (!named) return this.#text(begin)
    const { name, userId } = named
    this.#span({ type: 'mention', text: `@${name}`, userId }, name.length + 1)
  }

  #emphasis(character: string) {
    const mark = this.#markAt(character)
    if (!mark) return this.#text(this.#at + 1)
    const before = this.#line.charAt(this.#at - 1)
    const after = this.#line.charAt(this.#at + mark.length)
    const opened = this.#stack.findIndex((frame) => frame.mark === mark)
    const isEnd = opened > 0 && before !== '' && !SPACE.test(before) && !isWordAt(this.#line, this.#at + mark.length)
    if (isEnd) return this.#close(opened, mark)
    const isBeginning = opened < 0 && after !== '' && !SPACE.test(after) && !isWordAt(this.#line, this.#at - 1)
    if (!isBeginning) return this.#text(this.#at + mark.length)
    this.#stack.push({ mark, spans: [] })
    this.#at += mark.length
  }

  /** Two stars are one mark, and so are two tildes; of three stars those that close what was opened last come first. */
  #markAt(character: string): string | undefined {
    const isDouble = this.#line.charAt(this.#at + 1) === character
    if (character === '_') return '_'
    if (character === '~') return isDouble ? '~~' : undefined
    if (!isDouble) return '*'
    return this.#line.charAt(this.#at + 2) === '*' && this.#top.mark === '*' ? '*' : '**'
  }

  #close(opened: number, mark: string) {
    while (this.#stack.length > opened + 1) this.#flatten()
    const { spans } = this.#top
    const type = EMPHASIS[mark]
    if (spans.length === 0 || !type) return this.#text(this.#at + mark.length)
    this.#stack.pop()
    this.#span({ type, spans }, mark.length)
  }

  /** The latest beginning was none. */
  #flatten() {
    const frame = this.#stack.pop()
    if (!frame) return
    for (const span of [{ type: 'text', text: frame.mark } as const, ...frame.spans]) this.#add(span)
  }

  #match(pattern: RegExp) {
    const sticky = new RegExp(pattern)
    sticky.lastIndex = this.#at
    return sticky.exec(this.#line)
  }

  #text(end: number) {
    if (end > this.#at) this.#add({ type: 'text', text: this.#line.slice(this.#at, end) })
    this.#at = Math.max(end, this.#at)
  }

  #span(span: Span, length: number) {
    this.#add(span)
    this.#at += length
  }

  #add(span: Span) {
    const { spans } = this.#top
    const last = spans.at(-1)
    if (span.type === 'text' && last?.type === 'text')
      spans[spans.length - 1] = { type: 'text', text: last.text + span.text }
    else spans.push(span)
  }
}

/** Whether a letter or a digit stands there; a surrogate half counts as none, which only emoji and rare scripts have. */
const isWordAt = (text: string, at: number): boolean => WORD.test(text.charAt(at))
