import { z } from 'zod'
import { roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { paging } from './page.ts'
import type { UserSummary } from './user.ts'

/**
 * A way into a room for any user of the tenant who has its code. It ends when it is revoked or expires, and with the membership
 * or the role of its maker.
 */
export interface Invite {
  id: string
  /** Hard to guess, and safe to put into a link. */
  code: string
  roomId: string
  createdBy: string
  createdAt: Date
  /** Null if it does not expire. */
  expiresAt: Date | null
  /** Null if its uses are unlimited. */
  maxUses: number | null
  /** How many users have joined by it. */
  uses: number
  revokedAt: Date | null
}

/** The preview of a room for a user who has a code, before they join. Nothing else of the room is shown. */
export interface InvitePreview {
  roomName: string
  memberCount: number
  inviter: UserSummary
}

export const inviteCode = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, 'an invite code: letters, digits, dash and underscore')
  .max(LIMITS.inviteCode, `at most ${LIMITS.inviteCode} characters`)

const inviteId = z.uuid('an invite id: a UUID').toLowerCase()

export const inviteInputs = {
  create: z.strictObject({
    roomId,
    /** Without it, the invite does not expire. */
    expiresAt: z.date().optional(),
    /** Without it, any number of users may join. */
    maxUses: z.int('a whole number').min(1).max(LIMITS.inviteUses, `at most ${LIMITS.inviteUses}`).optional(),
  }),
  list: z.strictObject({ roomId, ...paging }),
  revoke: z.strictObject({ roomId, inviteId }),
  preview: z.strictObject({ inviteCode }),
}
