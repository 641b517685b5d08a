import { z } from 'zod'
import { roomId, userId } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { Message } from './message.ts'
import { paging } from './page.ts'
import { proseText } from './text.ts'

/**
 * The part of a message where it matches, as plain text. `matches` are what to highlight: where each starts in `text` and how long it
 * is, in UTF-16 code units, in order and without overlap, at most `LIMITS.snippetMatches`. Nothing in it is markup, so a page renders the
 * pieces as text.
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
   * Words, all of which the message must hold; `"a phrase"`; `begin*` for what begins so, as the last word does by itself; `-word` and
   * `-"a phrase"` for what it must not hold. From `since` on, before `until`.
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
