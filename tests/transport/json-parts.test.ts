import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonPart, splitJson } from '../../server/transport/json-parts.ts'

const all = { split: 'array' as const, maxParts: Infinity }
const textsOf = (json: string, parts: JsonPart[] | undefined): string[] | undefined =>
  parts?.map(({ start, end }) => Buffer.from(json).toString('utf8', start, end))

const depthOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

const valuesOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1
  return 1 + Object.values(value).reduce<number>((sum, inner) => sum + valuesOf(inner), 0)
}

test('the parts of an array are its elements, with their depth and no fewer values than they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (elements, space) => {
      const json = JSON.stringify(elements, null, space)
      const { whole, parts = [] } = splitJson(Buffer.from(json), all)
      expect(textsOf(json, parts)?.map((text): unknown => JSON.parse(text))).toEqual(JSON.parse(json))
      expect(parts.map(({ depth }) => depth)).toEqual(elements.map(depthOf))
      for (const [index, { values }] of parts.entries())
        expect(values).toBeGreaterThanOrEqual(valuesOf(elements[index]))
      expect(whole.values).toBeGreaterThanOrEqual(valuesOf(elements))
      expect(whole.depth).toBe(depthOf(elements))
    }),
  )
})

test('the parts of an object are its members', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
      const json = JSON.stringify(members)
      const { parts } = splitJson(Buffer.from(json), { split: 'object', maxParts: Infinity })
      const read: unknown = JSON.parse(`{${textsOf(json, parts)?.join()}}`)
      expect(read).toEqual(JSON.parse(json))
    }),
  )
})

test.each(['', ' ', '5', '"[1,2]"', '{"a":[1,2]}', '"', '"\\'])('%j is one whole', (json) => {
  expect(splitJson(Buffer.from(json), all).parts).toBeUndefined()
})

test.each(['[', '[1', '[1,', '["', '["a\\"]', '[1]]', '[1] x', '[{]', '[[1,2]'])(
  '%j is malformed, and one whole',
  (json) => {
    expect(splitJson(Buffer.from(json), all).parts).toBeUndefined()
  },
)

test.each([
  ['[]', []],
  [' [ ] ', []],
  ['[,]', ['', '']],
  ['[1,]', ['1', '']],
  ['["a,]", "\\"],["]', ['"a,]"', ' "\\"],["']],
  ['[1}', ['1']],
])('%j has these parts, JSON or not', (json, texts) => {
  expect(textsOf(json, splitJson(Buffer.from(json), all).parts)).toEqual(texts)
})

test('it stops at the first part that is too many', () => {
  const json = `[${Array(1_000).fill(1).join()}`
  expect(splitJson(Buffer.from(json), { split: 'array', maxParts: 10 }).parts).toHaveLength(11)
})
