import { z } from 'zod'
import { emoji } from './emoji.ts'
import { messageId, messageIds, roomId } from './ids.ts'
import { paging } from './page.ts'
import type { UserSummary } from './user.ts'

/** One user's reaction to a message. */
export interface UserReaction {
  user: UserSummary
  emoji: string
  at: Date
}

/** The caller's own reactions to a message, in the order of reacting. */
export interface OwnReactions {
  messageId: string
  emoji: string[]
}

const toMessage = z.strictObject({ roomId, messageId, emoji })

export const reactionInputs = {
  add: toMessage,
  remove: toMessage,
  list: z.strictObject({ roomId, messageId, emoji: emoji.optional(), ...paging }),
  mine: z.strictObject({ roomId, messageIds }),
}
