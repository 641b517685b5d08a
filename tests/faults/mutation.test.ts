import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FAULT_KINDS } from './fault-kinds.ts'
import { MUTATIONS } from './mutation.ts'
import { patched } from './source-patch.ts'

const patches = Object.values(MUTATIONS).flatMap(({ patch }) => patch ?? [])

describe('a mutation', () => {
  test.each(patches)('of $file finds what it replaces, once', (patch) => {
    const source = readFileSync(join(import.meta.dirname, '../..', patch.file), 'utf8')
    expect(patched(source, patch)).not.toBe(source)
  })

  test('that finds nothing to replace is refused', () => {
    const patch = { file: 'server/app.ts', from: 'two', to: '' }
    expect(() => patched('one', patch)).toThrow('has 0 times')
    expect(() => patched('two and two', patch)).toThrow('has 2 times')
  })

  test('shows under faults that there are', () => {
    expect(Object.values(MUTATIONS).flatMap(({ faults }) => faults.filter((name) => !FAULT_KINDS[name]))).toEqual([])
  })
})
