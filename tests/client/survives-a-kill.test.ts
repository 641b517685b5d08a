import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let server: ServerProcess
const clients: ChatClient[] = []

const start = (port: string) =>
  startServerProcess({ PORT: port, DATABASE_URL: database.url, AUTH_SECRET: TEST_SECRET, DATA_DIR: '/nonexistent' })

beforeAll(async () => {
  database = await createTestDatabase()
  server = await start('0')
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await server.kill('SIGTERM')
  await database.drop()
})

function connect(userId: string): ChatClient {
  const client = createChatClient({ url: server.url, token: () => signToken(userId) })
  clients.push(client)
  return client
}

describe('kill -9 of the server', () => {
  test('in the middle of a conversation: clients come back by themselves, nothing acknowledged is lost or doubled', async () => {
    const ada = connect('ada')
    const ben = connect('ben')
    await ben.auth.me.query()
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const logs = [new EventLog(ada, roomId), new EventLog(ben, roomId)]
    await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))

    const { port } = new URL(server.url)
    const say = (client: ChatClient, content: string) =>
      client.message.send.mutate({ roomId, clientId: newId(), content })
    await Promise.all([say(ada, 'before, from Ada'), say(ben, 'before, from Ben')])
    // These are cut off: whether the server had run them is unknown to the client, which asks again with the same clientId.
    const cut = Array.from({ length: 20 }, (_, index) => say(index % 2 ? ada : ben, `cut ${index}`))
    await server.kill('SIGKILL')
    server = await start(port)
    await Promise.all(cut)
    await Promise.all([say(ada, 'after, from Ada'), say(ben, 'after, from Ben')])

    const everything = (await ada.message.list.query({ roomId, limit: 100 })).items.toReversed()
    expect(everything).toHaveLength(24)
    for (const log of logs) {
      await log.until(({ contents }) => contents.length >= 24)
      expect(log.contents).toEqual(everything.map((message) => message.content))
      expect(gaps(log.events)).toEqual([])
      expect(log.failure).toBeUndefined()
    }
  })
})

describe('SIGTERM', () => {
  test('tells clients to come back, ends with 0, and they do', async () => {
    const ada = connect('ada')
    await ada.auth.me.query()
    const { port } = new URL(server.url)
    await server.kill('SIGTERM')
    expect(server.child.exitCode).toBe(0)
    const answer = ada.auth.me.query()
    server = await start(port)
    expect(await answer).toMatchObject({ user: { id: 'ada' } })
  })
})
