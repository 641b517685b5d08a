import { fullTime } from './times.ts'

/** Durations to choose from; null means permanent. */
export const TERMS = [
  ['15m', '15 minutes'],
  ['1h', 'One hour'],
  ['1d', 'One day'],
  ['7d', 'One week'],
  ['30d', '30 days'],
  ['ever', 'Until revoked'],
] as const

export type Term = (typeof TERMS)[number][0]

const MINUTE_MS = 60_000
const LENGTHS: Record<Exclude<Term, 'ever'>, number> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '1d': 1_440 * MINUTE_MS,
  '7d': 7 * 1_440 * MINUTE_MS,
  '30d': 30 * 1_440 * MINUTE_MS,
}

/** The end of a term that begins now, as an input field; empty if it has no end. */
export const endOf = (term: Term): { until?: Date } =>
  term === 'ever' ? {} : { until: new Date(Date.now() + LENGTHS[term]) }

/** The server stores "permanent" as the last day that it knows. */
const FAR_OFF_YEAR = 9_000

/** "until Friday, 21 November at 14:05", or nothing if it has no end. */
export const untilWords = (until: Date | null): string =>
  until && until.getUTCFullYear() < FAR_OFF_YEAR ? `until ${fullTime(until)}` : ''
