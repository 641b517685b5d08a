import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { RATE_LIMITS } from '../../server/rpc/rate-limits.ts'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import { tapClient } from '../support/tapped-client.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let toPostgres: TcpProxy
let dataDir: string
let app: App
let url: string
const clients: ChatClient[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const direct = new URL(database.url)
  const host = decodeURIComponent(direct.hostname)
  const port = Number(direct.port || 5432)
  toPostgres = await startTcpProxy(host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { port })
  const login = direct.password ? `${direct.username}:${direct.password}` : direct.username
  const databaseUrl = `postgres://${login}@127.0.0.1:${toPostgres.port}${direct.pathname}`
  dataDir = await mkdtemp(join(tmpdir(), 'confab-order-'))
  app = createApp({ databaseUrl, dataDir, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' })
  url = (await app.start()).url
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await app.stop()
  await toPostgres[Symbol.asyncDispose]()
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

async function connect(userId: string, options: { maxWaitMs?: number } = {}): Promise<ChatClient> {
  const client = createChatClient({ url, token: await signToken(userId), ...options })
  clients.push(client)
  return client
}

describe('calls of one procedure', () => {
  test('keep their order also where the server could not reach its database', async () => {
    const [ada, impatient] = [await connect('ada'), await connect('ada', { maxWaitMs: 0 })]
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    await impatient.auth.me.query()
    const send = (client: ChatClient, content: string) =>
      client.message.send.mutate({ roomId, clientId: newId(), content })
    toPostgres.cut()
    const sends = Array.from({ length: 20 }, (_, index) => send(ada, `${index}`))
    // What comes after them is refused after them.
    await expect(send(impatient, 'Hello?')).rejects.toMatchObject({ data: { reason: 'UNAVAILABLE' } })
    toPostgres.mend()
    const seqs = (await Promise.all(sends)).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  }, 60_000)

  test('say what their input was when they were made, whatever its owner does to it since', async () => {
    const ben = await connect('ben')
    const { id: roomId } = await ben.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const input = { roomId, clientId: '', content: '' }
    const sends = []
    for (const content of ['one', 'two', 'three'])
      sends.push(ben.message.send.mutate(Object.assign(input, { clientId: newId(), content })))
    expect((await Promise.all(sends)).map(({ content }) => content)).toEqual(['one', 'two', 'three'])
  })
})

describe('a call that takes back another one', () => {
  test('leaves after it, also where the server refused both for now', async () => {
    const { client: cleo, sent } = await tapClient(url, 'cleo')
    clients.push(cleo)
    const { id: roomId } = await cleo.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const { id: messageId } = await cleo.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })
    // Each pause of a client is shorter than the one before: of two that wait apart, the second comes first.
    let spread = 1
    const random = vi.spyOn(Math, 'random').mockImplementation(() => (spread *= 0.9))
    try {
      const { calls } = RATE_LIMITS.mutation
      await Promise.all(Array.from({ length: calls }, () => cleo.receipt.delivered.mutate({ roomId, seq: 1 })))
      const reaction = { roomId, messageId, emoji: '👍' }
      await Promise.all([cleo.reaction.add.mutate(reaction), cleo.reaction.remove.mutate(reaction)])
    } finally {
      random.mockRestore()
    }
    const reactions = sent.filter((path) => path.startsWith('reaction.'))
    expect(reactions).toEqual(['reaction.add', 'reaction.remove', 'reaction.add', 'reaction.remove'])
  }, 60_000)
})
