import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { isStorable } from './text.ts'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** Data that a host application keeps with a user, a room or a message: a JSON object. */
export type Meta = { [key: string]: JsonValue }

const MAX_DEPTH = 8
/** Names that no caller's object may contain: superjson does not write them either. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

const isKey = (key: string): boolean => isStorable(key) && !FORBIDDEN_KEYS.has(key)

function isJson(value: unknown, depth: number): value is JsonValue {
  switch (typeof value) {
    case 'string':
      return isStorable(value)
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return true
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.entries(value).every(([key, item]) => isKey(key) && isJson(item, depth - 1))
}

const isMeta = (value: unknown): value is Meta =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value, MAX_DEPTH)

const IN_EXPONENTS = /\de[+-]\d/

/** A number as Postgres stores and returns it: with every zero, of which `1e308` has as many. */
function writtenOut(_key: string, value: unknown): unknown {
  const [digits = '', exponent] = typeof value === 'number' ? String(value).split('e') : []
  return exponent === undefined ? value : digits.padEnd(Math.abs(Number(exponent)), '0')
}

/** Characters of a `meta` as JSON, as it is stored. */
function lengthOf(meta: Meta): number {
  const text = JSON.stringify(meta)
  const isPlain = text.length > LIMITS.meta || !IN_EXPONENTS.test(text)
  return isPlain ? text.length : JSON.stringify(meta, writtenOut).length
}

/** A JSON object of at most 4 KiB and 8 levels, without NUL and lone surrogates. */
export const metaObject = z
  .custom<Meta>(isMeta, 'a JSON object of at most 8 levels, without NUL')
  .refine((meta) => lengthOf(meta) <= LIMITS.meta, `at most ${LIMITS.meta} characters as JSON`)
