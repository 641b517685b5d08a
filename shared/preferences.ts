import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { type NotificationLevel, notificationLevel } from './room.ts'

/** Who sees whether a user is there, and when they last were: everybody of the tenant, those who share a room with them, or nobody. */
export type PresenceVisibility = 'everyone' | 'rooms' | 'nobody'

/** What a user prefers in all rooms. */
export interface Preferences {
  /** What to be notified of at all. A room's own setting (`room.settings`) counts besides: the stricter one of both holds. */
  notifications: NotificationLevel
  /** Others don't learn what this user has read. */
  hidesReceipts: boolean
  presenceVisibility: PresenceVisibility
  /** A BCP 47 language tag in its canonical form, such as `pt-BR`; null where none was chosen. */
  locale: string | null
}

/** A language tag, in whatever case it was written, as RFC 5646 (section 4.5) writes it. */
const locale = z
  .string()
  .max(LIMITS.locale, `at most ${LIMITS.locale} characters`)
  .transform((tag, context) => {
    const canonical = canonicalLocale(tag)
    if (canonical === undefined) context.addIssue({ code: 'custom', message: 'a BCP 47 language tag, such as pt-BR' })
    return canonical ?? z.NEVER
  })

function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

export const preferencesInputs = {
  update: z.strictObject({
    notifications: notificationLevel.optional(),
    hidesReceipts: z.boolean().optional(),
    presenceVisibility: z.enum(['everyone', 'rooms', 'nobody']).optional(),
    locale: locale.nullable().optional(),
  }),
}
