import { expect, test } from 'vitest'
import { BoundedCache } from '../../server/lib/bounded-cache.ts'

const cacheOf = (entries: number, weight: number) => new BoundedCache<number>({ entries, weight }, (value) => value)

test('what was used last stays, what was not used longest goes', () => {
  const cache = cacheOf(2, 100)
  cache.set('a', 1)
  cache.set('b', 2)
  expect(cache.get('a')).toBe(1)
  cache.set('c', 3)
  expect(cache.keys()).toEqual(['a', 'c'])
  expect(cache.get('b')).toBeUndefined()
})

test('the weight of all is bounded, and a value too heavy is not kept', () => {
  const cache = cacheOf(100, 10)
  cache.set('a', 4)
  cache.set('b', 4)
  cache.set('a', 5)
  expect(cache.keys()).toEqual(['b', 'a'])
  cache.set('c', 3)
  expect(cache.keys()).toEqual(['a', 'c'])
  cache.set('heavy', 11)
  expect(cache.keys()).toEqual([])
  cache.set('d', 10)
  expect(cache.keys()).toEqual(['d'])
})
