import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../server/app.ts'
import { MemoryBus } from '../server/bus/memory-bus.ts'
import { createChatClient } from '../shared/index.ts'
import { newId, signToken, TEST_SECRET } from './support/test-app.ts'
import { createTestDatabase, type TestDatabase } from './support/test-database.ts'

let database: TestDatabase
let dataDir: string

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'confab-app-'))
})

afterAll(async () => {
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const build = (part = {}, tuning = {}) =>
  createApp(
    { databaseUrl: database.url, dataDir, port: 0, authSecret: TEST_SECRET, logLevel: 'silent', ...part },
    tuning,
  )

describe('an app', () => {
  test('answers calls in process without having been started, and follows rooms by the poll too', async () => {
    const app = build()
    const ada = app.createCaller({ userId: 'ada' })
    expect(await ada.auth.me()).toMatchObject({ user: { id: 'ada' } })
    await app.stop()
    await app.stop()
  })

  test('stops while it is busy: every call is settled, streams end, and clients that come back at once are not let in', async () => {
    const app = build()
    const { url } = await app.start()
    const client = createChatClient({ url, token: () => signToken('ada') })
    const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const caller = app.createCaller({ userId: 'ada' })
    const stream = await caller.room.onEvent({ roomId })
    const ended = (async () => {
      for await (const { data } of stream) if (data.type === 'reset') return undefined
      return undefined
    })().catch((error: unknown) => error)
    const sends = Array.from({ length: 200 }, () => caller.message.send({ roomId, clientId: newId(), content: 'Busy' }))
    const settled = Promise.allSettled(sends)
    await app.stop()
    expect(await settled).toHaveLength(200)
    expect(await ended).toMatchObject({ reason: 'SHUTTING_DOWN' })
    await expect(caller.auth.me()).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
    await expect(app.start()).rejects.toThrow('was stopped')
    await client.close()
  })

  test('can be stopped while it starts', async () => {
    const app = build()
    const started = app.start()
    await app.stop()
    await started
    await expect(app.createCaller({ userId: 'ada' }).auth.me()).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
  })

  test('closes its database even if another part fails to stop', async () => {
    class StuckBus extends MemoryBus {
      override close(): Promise<void> {
        return Promise.reject(new Error('This bus does not close'))
      }
    }
    const app = build({}, { bus: (log: Logger) => new StuckBus(log) })
    await app.open()
    await expect(app.stop()).rejects.toThrow('This bus does not close')
    const { rows } = await sql<{ one: number }>`select 1 as one`
      .execute(app.services.database.db)
      .catch(() => ({ rows: [] }))
    expect(rows).toEqual([])
  })

  test('keeps serving when its rings are full', async () => {
    const app = build({}, { ringBytes: 4_000 })
    await app.start()
    const abort = new AbortController()
    const ada = app.createCaller({ userId: 'ada' }, { signal: abort.signal })
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room' })
    const contents: string[] = []
    const { promise: ready, resolve: onReady } = Promise.withResolvers<void>()
    const reading = (async () => {
      for await (const { data } of await ada.room.onEvent({ roomId })) {
        if (data.type === 'ready') onReady()
        if (data.type === 'message.created' && contents.push(data.message.content) === 30) return
      }
    })()
    await ready
    const sent: string[] = []
    for (let index = 0; index < 30; index++) {
      const { content } = await ada.message.send({ roomId, clientId: newId(), content: `Number ${index}` })
      sent.push(content)
    }
    await reading
    expect(contents).toEqual(sent)
    abort.abort()
    await app.stop()
  })

  test('has no sign-in by name in production, however it is built', () => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = 'production'
    try {
      expect(() => build({ authSecret: undefined })).toThrow('AUTH_SECRET or AUTH_JWKS_URL is needed in production')
    } finally {
      process.env['NODE_ENV'] = before
    }
  })
})
