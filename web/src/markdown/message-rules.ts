import { unescapeMd } from 'markdown-it/lib/common/utils.mjs'
import parseLinkLabel from 'markdown-it/lib/helpers/parse_link_label.mjs'
import type { InlineRule } from 'markdown-it/lib/rules_inline/state_inline.mjs'
import { addressLike, safeHref, toAddress } from './web-address.ts'

/** What a rule may begin with; the lookbehind keeps addresses out of words. */
const NEXT_SPECIAL = /[\\`*_~[\]<@]|!\[|(?<![\p{L}\p{N}_])https?:\/\//giu
/** The parentheses of a link with its address, in angle brackets or not, and a title. Every repetition has its bound. */
const DESTINATION =
  /\(\s*(?:<((?:[^<>\\\n]|\\.){0,2000})>|((?:[^\s()\\<]|\\.|\((?:[^\s()\\]|\\.){0,500}\)){0,2000}))(?:\s+(?:"(?:[^"\\]|\\.){0,300}"|'(?:[^'\\]|\\.){0,300}'))?\s*\)/suy
const WORD = /[\p{L}\p{N}]/u

/** Text up to what another rule may want. */
export const plainRule: InlineRule = (state, isSilent) => {
  const special = new RegExp(NEXT_SPECIAL)
  special.lastIndex = state.pos
  const next = Math.min(special.exec(state.src)?.index ?? state.posMax, state.posMax)
  if (next === state.pos) return false
  if (!isSilent) state.pending += state.src.slice(state.pos, next)
  state.pos = next
  return true
}

/** `[words](address)`. A picture is a link to it: what the page would load from anywhere says who reads. */
export const linkRule: InlineRule = (state, isSilent) => {
  const { src, pos, posMax } = state
  const isPicture = src.startsWith('![', pos)
  const start = isPicture ? pos + 1 : pos
  if (src.charAt(start) !== '[') return false
  const end = parseLinkLabel(state, start, true)
  if (end < 0) return false
  const destination = new RegExp(DESTINATION)
  destination.lastIndex = end + 1
  const found = destination.exec(src)
  const href = found ? safeHref(unescapeMd(found[1] ?? found[2] ?? '')) : undefined
  if (!found || href === undefined || end + 1 + found[0].length > posMax) return false
  if (!isSilent) {
    const isNested = state.linkLevel > 0
    const hasWords = src.slice(start + 1, end).trim() !== ''
    if (!isNested) state.push('link_open', 'a', 1).attrs = [['href', href]]
    if (hasWords) {
      state.pos = start + 1
      state.posMax = end
      state.linkLevel++
      state.md.inline.tokenize(state)
      state.linkLevel--
    } else state.push('text', '', 0).content = href
    if (!isNested) state.push('link_close', 'a', -1)
  }
  state.pos = end + 1 + found[0].length
  state.posMax = posMax
  return true
}

/** An address of the web that stands by itself. */
export const addressRule: InlineRule = (state, isSilent) => {
  if (isSilent || state.linkLevel > 0) return false
  const found = addressLike(state.src, state.pos)
  const address = found && toAddress(found)
  if (!address) return false
  state.push('link_open', 'a', 1).attrs = [['href', address.href]]
  state.push('text', '', 0).content = address.text
  state.push('link_close', 'a', -1)
  state.pos += address.text.length
  return true
}

/** A user's name after an @. */
export const mentionRule: InlineRule = (state, isSilent) => {
  const { src, pos, env } = state
  if (src.charAt(pos) !== '@' || isWordAt(src, pos - 1)) return false
  const named = env.names.find(({ name }) => src.startsWith(name, pos + 1) && !isWordAt(src, pos + 1 + name.length))
  if (!named) return false
  if (!isSilent) {
    const token = state.push('mention', '', 0)
    token.content = `@${named.name}`
    token.meta = named.userId
  }
  state.pos += named.name.length + 1
  return true
}

/** Whether a letter or a digit stands there; a surrogate half counts as none, which only emoji and rare scripts have. */
const isWordAt = (text: string, at: number): boolean => WORD.test(text.charAt(at))
