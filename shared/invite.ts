import { z } from 'zod'
import { roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { paging } from './page.ts'
import type { UserSummary } from './user.ts'

/** A way into a room for whoever of the tenant has its code. It stays good when its maker leaves, until it is revoked. */
export interface Invite {
  id: string
  /** Not to be guessed, and safe to put into a link. */
  code: string
  roomId: string
  createdBy: string
  createdAt: Date
  /** Null for one that does not expire. */
  expiresAt: Date | null
  /** Null for one that does not wear out. */
  maxUses: number | null
  /** How often somebody joined by it. */
  uses: number
  revokedAt: Date | null
}

/** What a page shows to somebody who has a code, before they join: this and no more of the room. */
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
    /** Without it, it does not expire. */
    expiresAt: z.date().optional(),
    /** Without it, any number of users may join by it. */
    maxUses: z.int('a whole number').min(1).max(LIMITS.inviteUses, `at most ${LIMITS.inviteUses}`).optional(),
  }),
  list: z.strictObject({ roomId, ...paging }),
  revoke: z.strictObject({ roomId, inviteId }),
  preview: z.strictObject({ inviteCode }),
}
