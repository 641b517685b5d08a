import fc from 'fast-check'
import superjson from 'superjson'
import { expect, test } from 'vitest'
import { readInput } from '../../shared/wire-input.ts'

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true, min: new Date(-1e14), max: new Date(1e14) }),
)
const key = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
const { input: anyInput } = fc.letrec((tie) => ({
  input: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('input'), { maxLength: 4 }),
    fc.dictionary(key, tie('input'), { maxKeys: 4 }),
  ),
}))

/** As it arrives: through JSON. */
const arrived = (value: unknown): unknown => JSON.parse(JSON.stringify(superjson.serialize(value)))

test('what superjson writes of dates, undefined and JSON is read as superjson reads it', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      expect(readInput(arrived(input))).toStrictEqual(structuredClone(input))
    }),
    { numRuns: 500 },
  )
})

test('a call without an input, and one with undefined as its input', () => {
  expect(readInput(undefined)).toBeUndefined()
  expect(readInput({ json: null, meta: { values: ['undefined'], v: 1 } })).toBeUndefined()
  expect(readInput({ json: null })).toBeNull()
})

test('what stood in two places arrives in both', () => {
  const date = new Date(0)
  const list = [1]
  expect(readInput(arrived({ since: date, until: date, 'a.b': list, c: list }))).toEqual({
    since: date,
    until: date,
    'a.b': [1],
    c: [1],
  })
})

test('minus nothing is nothing', () => {
  expect(readInput(arrived([-0]))).toStrictEqual([0])
})

test.each([
  ['a set', { a: new Set([1]) }],
  ['a map', { a: new Map([[1, 1]]) }],
  ['a bigint', { a: 1n }],
  ['no number', { a: Number.NaN }],
  ['infinity', { a: Number.POSITIVE_INFINITY }],
  ['an error', { a: new Error('x') }],
  ['a regular expression', { a: /x/ }],
  ['a typed array', { a: new Uint8Array(3) }],
  ['an address', { a: new URL('http://localhost') }],
])('%s is refused', (_, input) => {
  expect(() => readInput(arrived(input))).toThrow('Unable to read the input')
})

test.each([
  ['null', null],
  ['a number', 5],
  ['an array', []],
  ['annotations that are null', { json: {}, meta: null }],
  ['annotations that are text', { json: {}, meta: { values: 'a' } }],
  ['a tree within', { json: { a: { b: 'x' } }, meta: { values: { a: { b: ['Date'] } } } }],
  ['children', { json: { a: 'x' }, meta: { values: { a: ['Date', { b: ['Date'] }] } } }],
  ['a place that is not there', { json: {}, meta: { values: { a: ['undefined'] } } }],
  ['a place in a text', { json: { a: 'text' }, meta: { values: { 'a.0': ['undefined'] } } }],
  ['an inherited place', { json: {}, meta: { values: { toString: ['undefined'] } } }],
  [
    'the prototype',
    { json: JSON.parse('{"__proto__":{"a":null}}'), meta: { values: { '__proto__.a': ['undefined'] } } },
  ],
  ['a date that is none', { json: { a: 'Hello' }, meta: { values: { a: ['Date'] } } }],
  ['undefined that is something', { json: { a: 1 }, meta: { values: { a: ['undefined'] } } }],
  ['a broken path', { json: { a: null }, meta: { values: { 'a\\b': ['undefined'] } } }],
  ['another version', { json: { a: null }, meta: { values: { a: ['undefined'] }, v: 2 } }],
  ['equalities of nothing', { json: {}, meta: { referentialEqualities: { a: ['b'] } } }],
  ['equalities that are no list', { json: { a: 1, b: 1 }, meta: { referentialEqualities: { a: 'b' } } }],
  ['an inherited kind', { json: { a: null }, meta: { values: { a: ['constructor'] } } }],
])('%s: nothing is built, and it is refused', (_, written) => {
  expect(() => readInput(written)).toThrow('Unable to read the input')
})

test('a refused input is as it was', () => {
  const json = { a: '2026-01-01T00:00:00.000Z', b: 'Hello' }
  expect(() => readInput({ json, meta: { values: { a: ['Date'], b: ['Date'] } } })).toThrow()
  expect(json.a).toBe('2026-01-01T00:00:00.000Z')
})
