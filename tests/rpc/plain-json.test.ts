import fc from 'fast-check'
import superjson from 'superjson'
import { describe, expect, test } from 'vitest'
import { serializePlain } from '../../shared/plain-json.ts'
import { transformer } from '../../shared/transformer.ts'

const anyValue = fc.anything({
  withDate: true,
  withMap: true,
  withSet: true,
  withBigInt: true,
  withNullPrototype: true,
})

const plainValue = fc.object({
  key: fc.oneof(fc.string(), fc.constantFrom('createdAt', 'a.b', 'a\\b', 'constructor')),
  values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.date({ noInvalidDate: true })],
})

const overTheWire = (serialized: unknown): unknown => superjson.deserialize(JSON.parse(JSON.stringify(serialized)))

describe('the quick way of serializing', () => {
  test('gives what superjson gives, wherever it gives something', () => {
    let quick = 0
    const property = fc.property(fc.oneof(plainValue, anyValue), (value) => {
      const plain = serializePlain(value)
      if (plain === undefined) return
      quick++
      const { json, meta } = superjson.serialize(value)
      expect(plain.json).toEqual(json)
      expect(plain.meta?.values).toEqual(meta?.values)
      expect(overTheWire(plain)).toEqual(overTheWire({ json, meta }))
    })
    fc.assert(property, { numRuns: 2_000 })
    expect(quick).toBeGreaterThan(200)
  })

  test.each([
    ['undefined', { a: undefined }],
    ['a Map', { a: new Map() }],
    ['an instance of a class', { a: new URL('https://example.org') }],
    ['a date that is none', { a: new Date(Number.NaN) }],
    ['not a number', { a: Number.NaN }],
    ['minus zero', { a: -0 }],
    ['a big integer', { a: 1n }],
    ['a hole', { a: Array(1) }],
    ['a key that is refused', JSON.parse('{"a":{"constructor":1}}')],
    ['a date alone', new Date(0)],
  ])('leaves %s to superjson', (_name, value) => {
    expect(serializePlain(value)).toBeUndefined()
  })

  test('escapes keys in paths as superjson does', () => {
    const value = { 'a.b': { 'c\\d': [{ at: new Date(0) }] }, 'e.f': {} }
    expect(serializePlain(value)).toEqual(superjson.serialize(value))
  })

  test('leaves what contains itself to superjson, which cuts it', () => {
    const loop: Record<string, unknown> = { at: new Date(0) }
    loop['self'] = loop
    expect(serializePlain(loop)).toBeUndefined()
    expect(transformer.output.serialize(loop)).toEqual(superjson.serialize(loop))
  })

  test('copies nothing that holds no date, and changes nothing', () => {
    const value = { tags: ['a'], message: { createdAt: new Date(0), mentions: [] } }
    const before = structuredClone(value)
    const { json } = serializePlain(value) ?? {}
    expect(value).toEqual(before)
    expect(json).toEqual({ tags: ['a'], message: { createdAt: '1970-01-01T00:00:00.000Z', mentions: [] } })
  })
})
