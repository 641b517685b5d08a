import { z } from 'zod'
import { roomId, userIds } from './ids.ts'
import { LIMITS } from './limits.ts'
import { nameText } from './text.ts'
import type { UserSummary } from './user.ts'

export type PresenceStatus = 'online' | 'away' | 'busy' | 'offline'

export interface Presence {
  userId: string
  status: PresenceStatus
  text: string | null
  lastSeenAt: Date | null
}

/** The users who type in a room now. Each list replaces the last one. */
export interface Typing {
  users: UserSummary[]
}

export const presenceInputs = {
  set: z.strictObject({
    status: z.enum(['online', 'away', 'busy', 'invisible']),
    text: nameText(LIMITS.statusText).nullable().optional(),
  }),
  get: z.strictObject({ userIds }),
  onChange: z.union([z.strictObject({ roomId }), z.strictObject({ userIds })]),
}
