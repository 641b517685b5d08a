import { z } from 'zod'
import { LIMITS } from './limits.ts'

/*
 * An emoji as people see it is one or several code points: a pictograph with a skin tone, several joined by U+200D, a keycap, a
 * flag. Unicode Technical Standard #51, section 1.4.9, gives the grammar. Flags must be on its list: otherwise any two of their
 * letters, and any run of invisible tag characters, would pass.
 */
const PICTOGRAPH = String.raw`(?:${[
  String.raw`\p{Emoji_Modifier_Base}\p{Emoji_Modifier}`,
  String.raw`[\p{Emoji_Presentation}--\p{Regional_Indicator}]`,
  String.raw`[\p{Emoji}--[\p{Emoji_Presentation}0-9#*]]\uFE0F`,
].join('|')})`
const JOINED = new RegExp(`^${PICTOGRAPH}(?:\u200D${PICTOGRAPH})*$`, 'v')
const KEYCAP_OR_FLAG = /^(?:\p{Emoji_Keycap_Sequence}|\p{RGI_Emoji_Flag_Sequence}|\p{RGI_Emoji_Tag_Sequence})$/v

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A character that shows as text unless U+FE0F follows, in a place where that or a skin tone is missing. */
const UNQUALIFIED = /[\p{Emoji}--[\p{Emoji_Presentation}0-9#*]](?!\uFE0F|\p{Emoji_Modifier})/gv
const KEYCAP = /^([0-9#*])\uFE0F?\u20E3$/
/** U+FE0F after a character that shows as an emoji by itself. */
const REDUNDANT = /(?<=\p{Emoji_Presentation})\uFE0F/gu

/** The canonical spelling of an emoji: platforms write the same heart with and without U+FE0F. */
const toQualified = (text: string): string =>
  text.replace(KEYCAP, '$1\uFE0F\u20E3').replace(REDUNDANT, '').replace(UNQUALIFIED, '$&\uFE0F')

const isOneEmoji = (text: string): boolean =>
  (JOINED.test(text) || KEYCAP_OR_FLAG.test(text)) && [...SEGMENTER.segment(text)].length === 1

/** One emoji of any sequence, in its fully-qualified spelling. */
export const emoji = z
  .string()
  .max(LIMITS.emoji, 'one emoji')
  .transform(toQualified)
  .refine((text) => text.length <= LIMITS.emoji && isOneEmoji(text), 'one emoji, and nothing else')
