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
  /** As of the last time this row changed; a changed profile changes the row. */
  user: UserSummary
  role: MemberRole
  joinedAt: Date
  /** Null while a member. The row of somebody who left stays, as a tombstone. */
  leftAt: Date | null
  mutedUntil: Date | null
  /** When the row was made, immutable. */
  seq: number
  /** The latest join: a re-join renews it. */
  joinedSeq: number
  changedSeq: number
}

/** Somebody who may not come back, as moderators see it. */
export interface BannedMember {
  member: Member
  bannedAt: Date
  /** When the ban passes by itself; null where it does not. */
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
