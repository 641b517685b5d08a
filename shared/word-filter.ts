import { z } from 'zod'
import { roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { proseText } from './text.ts'

/** `refuse` the message, `mask` the word with asterisks, or let it pass and `flag` it for the moderators. */
export type FilterAction = 'refuse' | 'mask' | 'flag'

/**
 * A word, or a few in a row, as a reader sees them: case, Unicode spelling and invisible characters make no difference. `*`
 * stands for any part of a word: `dog`, `*dog*`, `hot dog*`.
 */
export interface FilterWord {
  pattern: string
  action: FilterAction
}

/** The filtered words of a room, or of the whole tenant. */
export interface WordFilter {
  /** Null for the tenant's filter. */
  roomId: string | null
  words: FilterWord[]
  updatedAt: Date | null
}

/** A letter, digit or symbol in each part: a `*` alone would match any word. */
const isOfWords = (pattern: string): boolean =>
  pattern
    .trim()
    .split(/\s+/)
    .every((part) => /[\p{L}\p{N}\p{S}]/u.test(part))

const word = z.strictObject({
  pattern: proseText(LIMITS.filterPattern).refine(isOfWords, 'a word or a few, with * in them or not'),
  action: z.enum(['refuse', 'mask', 'flag']),
})

const words = z.array(word).max(LIMITS.filterWords, `at most ${LIMITS.filterWords} words`)

export const wordFilterInputs = {
  /** Without a room: the tenant's filter. */
  get: z.strictObject({ roomId: roomId.optional() }),
  /** All words of the room's filter, or of the tenant's. An empty list removes the filter. */
  update: z.strictObject({ roomId: roomId.optional(), words }),
}
