import { clockTime } from '../ui/times.ts'

interface SendTime {
  text: string
  at: Date
}

const MORNING = 9
const MONDAY = 1

/** Suggested times for a message, as menu items. */
export function sendTimes(now = new Date()): SendTime[] {
  const tomorrow = morningIn(now, 1)
  const monday = morningIn(now, (MONDAY + 7 - now.getDay()) % 7 || 7)
  return [
    { text: 'In 1 hour', at: new Date(now.getTime() + 3_600_000) },
    { text: `Tomorrow at ${clockTime(tomorrow)}`, at: tomorrow },
    ...(monday.getTime() === tomorrow.getTime() ? [] : [{ text: `Monday at ${clockTime(monday)}`, at: monday }]),
  ]
}

const morningIn = (now: Date, days: number) =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING)

/** The value of a date and time field, in local time. */
export function toFieldTime(at: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The time in such a field; undefined unless it is in the future. */
export function fromFieldTime(text: string): Date | undefined {
  const at = new Date(text)
  return at.getTime() > Date.now() ? at : undefined
}
