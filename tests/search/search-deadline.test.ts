import { sql } from 'kysely'
import { afterEach, expect, test, vi } from 'vitest'
import type { Tx } from '../../server/db/schema.ts'
import { searchInTime } from '../../server/search/search-deadline.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

afterEach(() => {
  vi.useRealTimers()
})

const timeoutOf = async (tx: Tx): Promise<number> => {
  const { rows } = await sql<{ ms: number }>`
    select setting::int as ms from pg_settings where name = 'statement_timeout'`.execute(tx)
  return rows[0]?.ms ?? 0
}

test('each statement of a search has what the earlier ones have left', async () => {
  await server.app.open()
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: false })
  const search = searchInTime((deadline) =>
    server.app.services.database.db.transaction().execute(async (tx) => {
      const left: number[] = []
      for (const tookMs of [0, 700, 700]) {
        vi.advanceTimersByTime(tookMs)
        await deadline.bound(tx)
        left.push(await timeoutOf(tx))
      }
      vi.advanceTimersByTime(590)
      deadline.assertNotOver()
      expect(deadline.signal.aborted).toBe(false)
      return left
    }),
  )
  expect(await search).toEqual([2_000, 1_300, 600])
})

test('a search that is late is answered then, and asks nothing more', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const late = Promise.withResolvers<void>()
  const search = searchInTime(async (deadline) => {
    await late.promise
    deadline.assertNotOver()
  })
  const refused = expect(search).rejects.toMatchObject({ reason: 'SEARCH_TIMEOUT' })
  vi.advanceTimersByTime(2_000)
  await refused
  late.resolve()
})
