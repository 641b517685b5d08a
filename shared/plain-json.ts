import type { SuperJSONResult } from 'superjson'

type Json = SuperJSONResult['json']
type Dates = Record<string, ['Date']>

/** Deeper than any answer. Stops at an object that contains itself. */
const MAX_DEPTH = 32

/** Keys that superjson refuses. */
const REFUSED = new Set(['__proto__', 'constructor', 'prototype'])

/** Thrown for values that are left to superjson. */
const ODD = Symbol('odd')

/**
 * The superjson form of a value that is JSON except for its Dates, as nearly every answer is, in a tenth of the time: one walk
 * that copies only the objects above a Date. Undefined for any other value (with an `undefined`, a Map, a class instance, or a
 * key that superjson refuses); nothing that callers can store is one. An object in two places is not marked as shared: it
 * arrives as two objects.
 */
export function serializePlain(value: unknown): SuperJSONResult | undefined {
  if (value instanceof Date) return undefined
  const dates: Dates = {}
  const json = encode(value, '', dates, 0)
  if (json === ODD) return undefined
  for (const _path in dates) return { json, meta: { values: dates, v: 1 } }
  return { json }
}

function encode(value: unknown, path: string, dates: Dates, depth: number): Json | typeof ODD {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : ODD
    case 'object':
      if (value === null) return null
      if (depth === MAX_DEPTH) return ODD
      if (Array.isArray(value)) return encodeArray(value, path, dates, depth)
      if (value instanceof Date) return encodeDate(value, path, dates)
      return isRecord(value) ? encodeRecord(value, path, dates, depth) : ODD
    default:
      return ODD
  }
}

function encodeDate(date: Date, path: string, dates: Dates): string | typeof ODD {
  if (Number.isNaN(date.getTime())) return ODD
  dates[path] = ['Date']
  return date.toISOString()
}

function encodeArray(array: Json[], path: string, dates: Dates, depth: number): Json | typeof ODD {
  let encoded = array
  for (let index = 0; index < array.length; index++) {
    const value = array[index]
    const item = encode(value, below(path, index, depth), dates, depth + 1)
    if (item === ODD) return ODD
    if (item === value) continue
    if (encoded === array) encoded = array.slice()
    encoded[index] = item
  }
  return encoded
}

function encodeRecord(record: Record<string, Json>, path: string, dates: Dates, depth: number): Json | typeof ODD {
  let encoded = record
  for (const key in record) {
    const value = record[key]
    if (REFUSED.has(key)) return ODD
    // Only values that may hold a Date need a path, and few do.
    const isDeep = typeof value === 'object' && value !== null
    const field = encode(value, isDeep ? below(path, escapeKey(key), depth) : path, dates, depth + 1)
    if (field === ODD) return ODD
    if (field === value) continue
    if (encoded === record) encoded = { ...record }
    encoded[key] = field
  }
  return encoded
}

/** Keys within a path are escaped as superjson does it. */
const escapeKey = (key: string): string => (/[.\\]/.test(key) ? key.replace(/[.\\]/g, '\\$&') : key)

const below = (path: string, key: string | number, depth: number): string =>
  depth === 0 ? String(key) : `${path}.${key}`

function isRecord(value: object): value is Record<string, Json> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
