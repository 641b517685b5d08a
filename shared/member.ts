import { z } from 'zod'
import { roomId, time, userId, userIds } from './ids.ts'
import { LIMITS } from './limits.ts'
import { paging } from './page.ts'
import { MEMBER_ROLES, type MemberRole } from './permissions.ts'
import { proseText } from './text.ts'
import type { UserSummary } from './user.ts'

export interface Member {
  roomId: string
  userId: string
  /** The user as of the last change of this row. A changed profile changes the row. */
  user: UserSummary
  role: MemberRole
  joinedAt: Date
  /** Null for a current member. The row of a former member stays as a tombstone. */
  leftAt: Date | null
  mutedUntil: Date | null
  /** When the row was made. Immutable. */
  seq: number
  /** The latest join. A re-join renews it. */
  joinedSeq: number
  changedSeq: number
}

/** A banned user, as moderators see them. */
export interface BannedMember {
  member: Member
  bannedAt: Date
  /** When the ban ends by itself; null for a permanent ban. */
  bannedUntil: Date | null
  bannedBy: string
  reason: string | null
}

export const memberInputs = {
  list: z.strictObject({ roomId, ...paging }),
  add: z.strictObject({ roomId, userIds }),
  remove: z.strictObject({ roomId, userId, reason: proseText(LIMITS.reason).optional() }),
  setRole: z.strictObject({ roomId, userId, role: z.enum(MEMBER_ROLES) }),
  mute: z.strictObject({
    roomId,
    userId,
    /** Without it, until `member.unmute`. */
    until: time.optional(),
    reason: proseText(LIMITS.reason).optional(),
  }),
  unmute: z.strictObject({ roomId, userId }),
  ban: z.strictObject({
    roomId,
    userId,
    /** Without it, until `member.unban`. */
    until: time.optional(),
    reason: proseText(LIMITS.reason).optional(),
  }),
  unban: z.strictObject({ roomId, userId }),
  banned: z.strictObject({ roomId, ...paging }),
}
