import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { type NotificationLevel, notificationLevel } from './room.ts'

/**
 * Who can see whether a user is online and when they were last seen: everyone in the tenant, users who share a room with them,
 * or nobody.
 */
export type PresenceVisibility = 'everyone' | 'rooms' | 'nobody'

/** A user's preferences for all rooms. */
export interface Preferences {
  /** The user's general notification level. A room's own setting (`room.settings`) also applies; the stricter one wins. */
  notifications: NotificationLevel
  /** Others can't see what this user has read. */
  hidesReceipts: boolean
  presenceVisibility: PresenceVisibility
  /** A BCP 47 language tag in its canonical form, such as `pt-BR`; null if none was chosen. */
  locale: string | null
}

/** A language tag in any case, normalised to that of RFC 5646 (section 4.5). */
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
