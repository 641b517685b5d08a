import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import type { Meta } from '../../shared/json.ts'
import { newId, signToken } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { many } from './hostile-inputs.ts'
import { MAX_HOLD_MS, type ProbedServer, startProbedServer } from './probed-server.ts'

const MESSAGES = 100

let database: TestDatabase
let server: ProbedServer
let host: ChatClient
let ada: ChatClient

beforeAll(async () => {
  database = await createTestDatabase()
  // Without limits: large answers would have to be waited for.
  server = await startProbedServer({ DATABASE_URL: database.url, RATE_LIMIT: 'off' })
  host = createChatClient({ url: server.url, token: () => signToken('host', { role: 'service' }) })
  ada = createChatClient({ url: server.url, token: () => signToken('ada') })
  for (const id of ['mallory', 'ada']) await host.user.upsert.mutate({ id, name: id })
})

afterAll(async () => {
  await Promise.all([host.close(), ada.close()])
  await server.stop()
  await database.drop()
})

/** Each is one user's to store, and read by everybody in the room. */
const METAS: Record<string, () => Meta> = {
  'a dotted key beside many objects': () => ({ 'a.b': [0], a: many(1_300, () => ({})) }),
  'many dotted keys': () => Object.fromEntries(many(300, (at) => [`.${at}`, []])),
}

/** The shortest of some longest holds: a stall is there each time, a collection of garbage or a compilation is not. */
async function holdOf(read: () => Promise<unknown>): Promise<number> {
  const holds: number[] = []
  for (let attempt = 0; attempt < 5; attempt++) {
    await server.longestHold()
    await read()
    holds.push(await server.longestHold())
    if ((holds.at(-1) ?? 0) <= MAX_HOLD_MS) break
  }
  return Math.min(...holds)
}

describe.each(Object.entries(METAS))('a room whose messages have %s', (_, meta) => {
  test('is read without holding the loop for longer than 50 ms', async () => {
    const { id: roomId } = await host.room.create.mutate({
      kind: 'group',
      name: 'Engine room',
      memberIds: ['mallory', 'ada'],
    })
    const { position } = await ada.room.snapshot.query({ roomId })
    const send = { roomId, content: 'Full', asUserId: 'mallory' }
    for (let sent = 0; sent < MESSAGES; sent++) {
      await host.message.send.mutate({ ...send, clientId: newId(), meta: meta() })
    }
    expect(await holdOf(() => ada.message.list.query({ roomId, limit: MESSAGES }))).toBeLessThanOrEqual(MAX_HOLD_MS)
    expect(await holdOf(() => ada.room.snapshot.query({ roomId, messages: MESSAGES }))).toBeLessThanOrEqual(MAX_HOLD_MS)
    expect(await holdOf(() => ada.room.sync.query({ positions: { [roomId]: position } }))).toBeLessThanOrEqual(
      MAX_HOLD_MS,
    )
  }, 60_000)
})
