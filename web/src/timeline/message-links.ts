/** A stretch of a message: plain text, or an address to follow. */
export interface Stretch {
  /** Where it begins in the content. */
  at: number
  text: string
  /** Only ever http or https. */
  href?: string
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\p{C}]+/giu
const TRAILING = /[.,;:!?…'"*_~\])}]$/

/** The text in stretches. Whatever is not an http or https address stays text. */
export function splitLinks(content: string): Stretch[] {
  const stretches: Stretch[] = []
  let from = 0
  for (const { 0: found, index } of content.matchAll(ADDRESS)) {
    const text = withoutTrailing(found)
    const url = URL.parse(text)
    if (!url || !/^https?:$/.test(url.protocol)) continue
    if (index > from) stretches.push({ at: from, text: content.slice(from, index) })
    stretches.push({ at: index, text, href: url.href })
    from = index + text.length
  }
  if (from < content.length) stretches.push({ at: from, text: content.slice(from) })
  return stretches
}

/** Punctuation at the end belongs to the sentence, but a bracket that the address opened belongs to it. */
function withoutTrailing(address: string): string {
  let text = address
  while (TRAILING.test(text) && !(text.endsWith(')') && text.split('(').length >= text.split(')').length)) {
    text = text.slice(0, -1)
  }
  return text
}
