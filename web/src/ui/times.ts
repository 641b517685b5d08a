const CLOCK = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const SHORT_WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const SHORT_DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'long',
  hour: 'numeric',
  minute: '2-digit',
})
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })

/** The server reports permanent mutes as ending at the end of the year 9999. */
const NEVER_FROM_YEAR = 9_000

const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()

/** Whole calendar days between then and now. */
const daysAgo = (at: Date, now: Date) => Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000)

export const isSameDay = (a: Date, b: Date): boolean => startOfDay(a) === startOfDay(b)

/** "14:05" */
export const clockTime = (at: Date): string => CLOCK.format(at)

/** "Thursday, 20 November 2025 at 14:05" */
export const fullTime = (at: Date): string => MOMENT.format(at)

/** "14:05" today, "3 December at 14:05" on another day; empty for a time that never comes. */
export function untilTime(at: Date, now = new Date()): string {
  if (at.getFullYear() >= NEVER_FROM_YEAR) return ''
  return isSameDay(at, now) ? CLOCK.format(at) : DAY_AND_CLOCK.format(at)
}

/** "12 s", "4 min 5 s", "2 h 3 min": rounded up to whole seconds. */
export function shortSpan(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

/** "Today", "Yesterday", "Monday", "Monday, 3 November", "3 November 2024" */
export function dayName(at: Date, now = new Date()): string {
  const ago = daysAgo(at, now)
  if (ago === 0) return 'Today'
  if (ago === 1) return 'Yesterday'
  if (ago > 1 && ago < 7) return WEEKDAY.format(at)
  return at.getFullYear() === now.getFullYear() ? DAY.format(at) : DAY_AND_YEAR.format(at)
}

/** The short form for lists: "14:05", "Yesterday", "Mon", "3 Nov" */
export function listTime(at: Date, now = new Date()): string {
  const ago = daysAgo(at, now)
  if (ago <= 0) return CLOCK.format(at)
  if (ago === 1) return 'Yesterday'
  return ago < 7 ? SHORT_WEEKDAY.format(at) : SHORT_DAY.format(at)
}
