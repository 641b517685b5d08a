import type { TextChange } from './text-change.ts'

/** Marks around a stretch of text that format it. */
export type Mark = '**' | '*' | '~~' | '`'

interface Selected {
  text: string
  from: number
  to: number
}

/** The mark of a quote or a list item at the beginning of a line, the line, and the blanks at its end. */
const LINE = /^(\s*(?:(?:[-*+•]|\d{1,9}[.)]|>)\s+)*)(.*?)(\s*)$/s
const ITEM = /^(\s*)(?:([-*+•])|(\d{1,9})([.)]))(\s+)(.*)$/
const ADDRESS = /^https?:\/\/\S+$/i
const LINK_END = /^\]\([^()\s]*\)/
const NEW_ADDRESS = 'https://'

/** Adds marks around the selection, or removes existing ones. Each line has its own marks: none spans several lines. */
export function toggleMark(selected: Selected, mark: Mark): TextChange {
  const { text, from, to } = selected
  const words = text.slice(from, to)
  if (words.includes('\n')) return mark === '`' ? toggleCodeBlock(selected) : toggleLines(selected, mark)
  const [, lead = '', core = '', rest = ''] = /^(\s*)(.*?)(\s*)$/s.exec(words) ?? []
  const [begin, end] = words.trim() === '' ? [from, to] : [from + lead.length, to - rest.length]
  const size = mark.length
  if (isBetween(text.slice(0, begin), text.slice(end), mark)) {
    const kept = text.slice(begin, end)
    return { from: begin - size, to: end + size, insert: kept, select: [begin - size, end - size] }
  }
  if (isMarked(core, mark)) {
    const kept = core.slice(size, -size)
    return { from: begin, to: end, insert: kept, select: [begin, begin + kept.length] }
  }
  const kept = text.slice(begin, end)
  return { from: begin, to: end, insert: `${mark}${kept}${mark}`, select: [begin + size, end + size] }
}

/** Of three stars, one is for italics and two are for bold. */
function isBetween(before: string, after: string, mark: Mark): boolean {
  if (!before.endsWith(mark) || !after.startsWith(mark)) return false
  if (!mark.startsWith('*')) return true
  const stars = Math.min(/\**$/.exec(before)?.[0].length ?? 0, /^\**/.exec(after)?.[0].length ?? 0)
  return mark === '*' ? stars % 2 === 1 : stars > 1
}

const isMarked = (words: string, mark: Mark): boolean =>
  words.length > 2 * mark.length &&
  isBetween(words.slice(0, starsOf(words, mark)), words.slice(-starsOf(words, mark)), mark)

/** The part of the beginning that is examined: all the stars, or the mark. */
const starsOf = (words: string, mark: Mark): number =>
  mark.startsWith('*') ? Math.max(/^\**/.exec(words)?.[0].length ?? 0, mark.length) : mark.length

function toggleLines({ text, from, to }: Selected, mark: Mark): TextChange {
  const lines = text
    .slice(from, to)
    .split('\n')
    .map((line) => {
      const [, lead = '', core = '', rest = ''] = LINE.exec(line) ?? []
      return { lead, core, rest }
    })
  const isOn = lines.every(({ core }) => core === '' || isMarked(core, mark))
  const toggled = (core: string) => {
    if (core === '') return core
    if (isOn) return core.slice(mark.length, -mark.length)
    return isMarked(core, mark) ? core : `${mark}${core}${mark}`
  }
  const insert = lines.map(({ lead, core, rest }) => `${lead}${toggled(core)}${rest}`).join('\n')
  return { from, to, insert, select: [from, from + insert.length] }
}

function toggleCodeBlock({ text, from, to }: Selected): TextChange {
  const words = text.slice(from, to)
  const [, inner] = /^```\n(.*)\n```$/s.exec(words) ?? []
  const begin = from === 0 || text.charAt(from - 1) === '\n' ? '' : '\n'
  const end = to === text.length || text.charAt(to) === '\n' ? '' : '\n'
  const insert = inner ?? `${begin}\`\`\`\n${words}\n\`\`\`${end}`
  return { from, to, insert, select: [from + begin.length, from + insert.length - end.length] }
}

/** Makes the selection the text, or the address, of a link, and selects the part to fill in; or removes the link. */
export function toggleLink({ text, from, to }: Selected): TextChange {
  const words = text.slice(from, to)
  const [linkEnd] = LINK_END.exec(text.slice(to)) ?? []
  if (linkEnd && text.slice(0, from).endsWith('[')) {
    return { from: from - 1, to: to + linkEnd.length, insert: words, select: [from - 1, to - 1] }
  }
  if (ADDRESS.test(words)) return { from, to, insert: `[](${words})`, select: [from + 1, from + 1] }
  const insert = `[${words}](${NEW_ADDRESS})`
  const address = from + words.length + 3
  return { from, to, insert, select: words === '' ? [from + 1, from + 1] : [address, address + NEW_ADDRESS.length] }
}

/** A new line in a list starts with the next list mark. A new line in an empty item ends the list. Undefined outside of lists. */
export function continueList({ text, from, to }: Selected): TextChange | undefined {
  const begin = text.lastIndexOf('\n', from - 1) + 1
  const [, indent = '', bullet, number, dot = '', space = '', rest = ''] = ITEM.exec(text.slice(begin, from)) ?? []
  if (!bullet && !number) return undefined
  if (rest === '' && from === to) return { from: begin, to, insert: '', select: [begin, begin] }
  const insert = `\n${indent}${bullet ?? `${Number(number) + 1}${dot}`}${space}`
  return { from, to, insert, select: [from + insert.length, from + insert.length] }
}
