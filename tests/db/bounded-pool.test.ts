import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { useTestApp } from '../support/test-app.ts'

const MAX_WAITING = 5_000

const server = useTestApp({}, { poolSize: 1 })

describe('a pool of connections', () => {
  test('refuses at once what comes while too many wait, and serves again when the line is shorter', async () => {
    const ada = server.caller('ada')
    await ada.auth.me()
    const { database } = server.app.services
    const query = { compile: () => sql<{ one: number }>`select 1 as one`.compile(database.db) }
    let isHeld = true
    const held = sql`select pg_sleep(1)`.execute(database.db).finally(() => {
      isHeld = false
    })
    await expect.poll(() => database.poolUse[0]).toMatchObject({ used: 1, waiting: 0 })
    const waiting = Array.from({ length: MAX_WAITING }, () => sql`select 1`.execute(database.db))
    const settled = Promise.allSettled([held, ...waiting])
    await expect.poll(() => database.poolUse[0]).toMatchObject({ used: 1, waiting: MAX_WAITING })
    await expect(ada.auth.me()).rejects.toMatchObject({ reason: 'UNAVAILABLE', retryAfterMs: expect.any(Number) })
    await expect(database.plannedOnce(query)).rejects.toMatchObject({ code: '53300' })
    expect(isHeld).toBe(true)
    await settled
    expect(await ada.auth.me()).toMatchObject({ user: { id: 'ada' } })
  })
})
