import { z } from 'zod'
import { roomId, userId } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { Message } from './message.ts'
import { paging } from './page.ts'
import { proseText } from './text.ts'

/**
 * The matching part of a message, as plain text. `matches` are the stretches to highlight: the start of each in `text` and its
 * length, in UTF-16 code units, in order and without overlap, at most `LIMITS.snippetMatches`. Nothing in it is markup: render
 * the pieces as text.
 */
export interface SearchSnippet {
  text: string
  matches: [start: number, length: number][]
}

export interface SearchHit {
  message: Message
  snippet: SearchSnippet
}

const moment = z.date().min(new Date(0), 'long past')

export const searchInputs = {
  /**
   * Words that the message must all contain; `"a phrase"`; `begin*` for words with that beginning, which the last word also
   * matches; `-word` and `-"a phrase"` for words that it must not contain. From `since` on, before `until`.
   */
  search: z.strictObject({
    query: proseText(LIMITS.searchQuery),
    roomId: roomId.optional(),
    senderId: userId.optional(),
    since: moment.optional(),
    until: moment.optional(),
    ...paging,
  }),
}
