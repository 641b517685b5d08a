import type { Meta } from '../../shared/json.ts'

/*
 * Checks of values that arrive untyped: rows of hand-written SQL, and messages of other nodes. The check of an object tests every
 * field of its type, which the compiler enforces, and copies nothing.
 */

/** Whether a value is of a type. */
export type Check<T> = (value: unknown) => value is T

/** A check for each field. */
export type Shape<T> = { readonly [K in keyof T]-?: Check<T[K]> }

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isText: Check<string> = (value) => typeof value === 'string'
export const isNumber: Check<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value)
/** A counter, or a position in a log. */
export const isCount: Check<number> = (value): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
export const isFlag: Check<boolean> = (value) => typeof value === 'boolean'
export const isDate: Check<Date> = (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime())
export const isBytes: Check<Buffer> = (value) => Buffer.isBuffer(value)
/** An object that was parsed from JSON; its content is any JSON. */
export const isMeta: Check<Meta> = (value): value is Meta => isFields(value)

/** @throws Error if the text is not a JSON object */
export function parseMeta(text: string): Meta {
  const value: unknown = JSON.parse(text)
  if (!isMeta(value)) throw new Error('Unable to read meta; it is not a JSON object')
  return value
}

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value)

export const listOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(check)

export const oneOf =
  <const T extends string>(...texts: readonly T[]): Check<T> =>
  (value): value is T =>
    texts.some((text) => text === value)

/** The fields of a value that fail their checks; undefined if the value is not an object. */
export function faultsOf<T>(shape: Shape<T>, value: unknown): string[] | undefined {
  if (!isFields(value)) return undefined
  const faults: string[] = []
  for (const name in shape) if (!shape[name](value[name])) faults.push(name)
  return faults
}

export const shaped =
  <T>(shape: Shape<T>): Check<T> =>
  (value): value is T => {
    if (!isFields(value)) return false
    for (const name in shape) if (!shape[name](value[name])) return false
    return true
  }
