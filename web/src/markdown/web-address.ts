/** An address to follow: `text` is what was written, `href` is what `safeHref` lets through. */
export interface WebAddress {
  text: string
  href: string
}

const ADDRESS = /https?:\/\/[^\s<>"'`\p{C}]+/iuy
const TRAILING = new Set('.,;:!?…\'"*_~])}')

/** What looks like an address at this place of a text; undefined where nothing does. */
export function addressLike(text: string, at: number): string | undefined {
  const pattern = new RegExp(ADDRESS)
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The address in what looks like one, without the punctuation of the sentence around it. */
export function toAddress(found: string): WebAddress | undefined {
  const text = withoutTrailing(found)
  const href = safeHref(text)
  return href === undefined ? undefined : { text, href }
}

/** The address where it is one of the web, or of e-mail; nothing else is ever followed. */
export function safeHref(address: string): string | undefined {
  const url = URL.parse(address)
  return url && /^(?:https?|mailto):$/.test(url.protocol) ? url.href : undefined
}

/** Punctuation at the end belongs to the sentence, but a bracket that the address opened belongs to it. */
function withoutTrailing(address: string): string {
  let unopened = address.split(')').length - address.split('(').length
  let end = address.length
  while (end > 0) {
    const last = address.charAt(end - 1)
    if (!TRAILING.has(last) || (last === ')' && unopened <= 0)) break
    if (last === ')') unopened--
    end--
  }
  return address.slice(0, end)
}
