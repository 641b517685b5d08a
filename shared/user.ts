import { z } from 'zod'
import { time, userId } from './ids.ts'
import { type Meta, metaObject } from './json.ts'
import { LIMITS } from './limits.ts'
import { paging } from './page.ts'
import { isStorable, nameText, proseText } from './text.ts'

/** The part of a user that is shown beside a message. */
export interface UserSummary {
  id: string
  name: string
  pictureUrl: string | null
}

export interface User extends UserSummary {
  lastSeenAt: Date | null
  meta: Meta
}

/** A user with their ban from the tenant, as a service sees it. */
export interface UserBan extends User {
  /** Null if the user is not banned. */
  bannedAt: Date | null
  /** When the ban ends by itself; null for a permanent ban. */
  bannedUntil: Date | null
  banReason: string | null
}

/** `service` is the host application's own backend: it acts for its whole tenant. */
export type TokenRole = 'user' | 'service'

/** An address that is safe to put into an `img`: http or https. */
export const pictureUrl = z
  .string()
  .max(LIMITS.url)
  .refine(isStorable, 'not well-formed Unicode, or holds NUL')
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'an http or https URL')

export const userInputs = {
  get: z.strictObject({ userId }),
  list: z.strictObject({ query: proseText(LIMITS.searchQuery).optional(), ...paging }),
  update: z.strictObject({
    name: nameText().optional(),
    pictureUrl: pictureUrl.nullable().optional(),
    meta: metaObject.optional(),
  }),
  upsert: z.strictObject({
    id: userId,
    name: nameText().optional(),
    pictureUrl: pictureUrl.nullable().optional(),
    meta: metaObject.optional(),
  }),
  ban: z.strictObject({ userId, until: time.optional(), reason: proseText(LIMITS.reason).optional() }),
  unban: z.strictObject({ userId, reason: proseText(LIMITS.reason).optional() }),
  block: z.strictObject({ userId }),
  unblock: z.strictObject({ userId }),
  blocked: z.strictObject(paging),
}

export const authInputs = {
  refresh: z.strictObject({ token: z.string().min(1).max(LIMITS.token) }),
  revokeAll: z.strictObject({ userId: userId.optional() }).optional(),
}

/** `auth.me`: the caller, as the server sees them. `expiresAt` is null for a caller in process, which has no token. */
export interface Me {
  user: User
  tenant: string
  role: TokenRole
  expiresAt: Date | null
}
