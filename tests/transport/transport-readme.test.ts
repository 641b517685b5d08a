import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DEFAULT_TUNING } from '../../server/tuning.ts'

test('the README of the transport names every bound', async () => {
  const page = await readFile(new URL('../../server/transport/README.md', import.meta.url), 'utf8')
  const bounds = Object.keys({ ...DEFAULT_TUNING.limits, maxConnectionsPerAddress: 0 })
  expect(bounds.filter((bound) => !page.includes(`\`${bound}\``))).toEqual([])
})
