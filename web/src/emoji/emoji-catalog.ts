import { type Gemoji, gemoji } from 'gemoji'

/** An emoji with its search terms. */
export interface CatalogEmoji {
  emoji: string
  name: string
  /** Its codes between colons; the first is the usual one. */
  codes: readonly string[]
}

export interface EmojiGroup {
  name: string
  emojis: readonly CatalogEmoji[]
}

interface Entry extends CatalogEmoji {
  /** Codes, and the parts of codes, of the name and of the keywords: each in lower case, after a space. */
  words: string
}

const toEntry = ({ emoji, names, tags, description }: Gemoji): Entry => ({
  emoji,
  name: description.charAt(0).toUpperCase() + description.slice(1),
  codes: names,
  words: ['', ...names, ...names.flatMap((code) => code.split('_')), ...tags, description].join(' ').toLowerCase(),
})

const ENTRIES: readonly Entry[] = gemoji.map(toEntry)
/** Ranks after all matches by code, whose rank is the code's length. */
const BY_WORD = 100

const BY_CODE = new Map(ENTRIES.flatMap(({ codes, emoji }) => codes.map((code) => [code, emoji])))
const BY_EMOJI = new Map(ENTRIES.map((entry) => [entry.emoji, entry]))

/** All emoji, in the order of Unicode. */
export const EMOJI_GROUPS: readonly EmojiGroup[] = [...new Set(gemoji.map(({ category }) => category))].map((name) => ({
  name,
  emojis: gemoji.flatMap(({ category, emoji }) => (category === name ? (BY_EMOJI.get(emoji) ?? []) : [])),
}))

/** The emoji that `:code:` stands for. */
export const emojiOfCode = (code: string): string | undefined => BY_CODE.get(code.toLowerCase())

export const nameOfEmoji = (emoji: string): string | undefined => BY_EMOJI.get(emoji)?.name

/**
 * The emoji that match a query. Those with a matching code come first, the shortest code before the others, then those with
 * matching words. Each word of the query must match.
 */
export function findEmojis(query: string, limit: number): readonly CatalogEmoji[] {
  const wanted = query.trim().toLowerCase()
  const parts = wanted.split(/\s+/)
  const rankOf = ({ codes, words }: Entry) => {
    const lengths = codes.flatMap((code) => (code.startsWith(wanted) ? code.length : []))
    if (lengths.length > 0) return Math.min(...lengths)
    return parts.every((part) => words.includes(` ${part}`)) ? BY_WORD : Number.POSITIVE_INFINITY
  }
  return ENTRIES.map((entry) => ({ entry, rank: rankOf(entry) }))
    .filter(({ rank }) => rank <= BY_WORD)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ entry }) => entry)
}
