/** A link: `text` as written, and `href` as `safeHref` allows it. */
export interface WebAddress {
  text: string
  href: string
}

const ADDRESS = /https?:\/\/[^\s<>"'`\p{C}]+/iuy
const TRAILING = new Set('.,;:!?…\'"*_~])}')

/** The possible address at this place of a text; undefined if there is none. */
export function addressLike(text: string, at: number): string | undefined {
  const pattern = new RegExp(ADDRESS)
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The address without the punctuation of the sentence around it. */
export function toAddress(found: string): WebAddress | undefined {
  const text = withoutTrailing(found)
  const href = safeHref(text)
  return href === undefined ? undefined : { text, href }
}

/** The address if it is http, https or mailto. No other link is ever followed. */
export function safeHref(address: string): string | undefined {
  const url = URL.parse(address)
  return url && /^(?:https?|mailto):$/.test(url.protocol) ? url.href : undefined
}

/** Punctuation at the end belongs to the sentence, except a bracket that the address opened. */
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
