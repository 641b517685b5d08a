import { expect, test } from 'vitest'
import { metaObject } from '../../shared/json.ts'
import { LIMITS } from '../../shared/limits.ts'

const many = (count: number, number: number) => ({ a: Array.from({ length: count }, () => number) })

test.each([
  ['0', many(2_000, 0), true],
  ['a few with an exponent', many(10, 1e308), true],
  ['1e308, of which each is stored as 309 characters', many(580, 1e308), false],
  ['1e-300', many(500, 1e-300), false],
  ['more than there may be', many(LIMITS.meta, 0), false],
  ['text that looks like one', { a: '1e+308'.repeat(500) }, true],
])('a meta of numbers is as long as it is stored: %s', (_, meta, isValid) => {
  expect(metaObject.safeParse(meta).success).toBe(isValid)
})
