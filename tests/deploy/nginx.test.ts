import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { type ChatClient, createChatClient, transformer } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { hasNginx, type RunningNginx, startNginx } from '../support/nginx.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

const isThere = hasNginx()
const PER_ADDRESS = 3

/*
 * Two nodes on one Postgres behind deploy/nginx.conf. What one commits the other finds by its poll, so messages between them may take
 * two seconds here. Clients other than the proxy itself come from 127.0.0.2 and on, which is this machine too.
 */
describe.skipIf(!isThere)(`behind nginx${isThere ? '' : ', which is not installed here'}`, () => {
  let database: TestDatabase
  let nodes: ServerProcess[]
  let nginx: RunningNginx
  const clients: ChatClient[] = []

  beforeAll(async () => {
    database = await createTestDatabase()
    const env = {
      PORT: '0',
      DATABASE_URL: database.url,
      DATA_DIR: '/nonexistent',
      AUTH_SECRET: TEST_SECRET,
      TRUST_PROXY: '127.0.0.1',
      CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
      LOG_LEVEL: 'debug',
    }
    nodes = await Promise.all([startServerProcess(env), startServerProcess(env)])
    nginx = await startNginx(nodes)
  })

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await nginx.stop()
    await Promise.all(nodes.map((node) => node.kill('SIGTERM')))
    await database.drop()
  })

  async function connect(userId: string): Promise<ChatClient> {
    const client = createChatClient({ url: nginx.url, token: () => signToken(userId) })
    clients.push(client)
    await client.auth.me.query()
    return client
  }

  /** A bare socket from an address of this machine, with headers of its own. */
  const socketFrom = (localAddress: string, headers: Record<string, string> = {}) => {
    const socket = new WebSocket(`${nginx.url.replace('http', 'ws')}/trpc?connectionParams=1`, {
      localAddress,
      headers,
    })
    // One that is cut off while it connects says so.
    return socket.on('error', () => undefined)
  }

  test('a WebSocket is upgraded, also for a page, whose origin is compared with the host that it reached', async () => {
    const socket = socketFrom('127.0.0.5', { origin: nginx.url })
    await once(socket, 'open')
    socket.terminate()
    const foreign = socketFrom('127.0.0.5', { origin: 'https://evil.example' })
    const [refusal] = await once(foreign, 'error')
    expect(String(refusal)).toContain('403')
  })

  test('frames of hundreds of KiB pass both ways', async () => {
    const ada = await connect('ada')
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const content = 'ß'.repeat(4_000) + 'x'.repeat(4_000)
    // Of one turn of the event loop, so one frame.
    const sends = Array.from({ length: 35 }, () => ada.message.send.mutate({ roomId, clientId: newId(), content }))
    await Promise.all(sends)
    const { items } = await ada.message.list.query({ roomId, limit: 100 })
    expect(items.map((item) => item.content)).toEqual(sends.map(() => content))
  })

  test('a body beyond Confab’s limit gets Confab’s own answer', async () => {
    const headers = { authorization: `Bearer ${await signToken('ada')}`, 'content-type': 'application/json' }
    const body = 'x'.repeat(600 << 10)
    const answer = await fetch(`${nginx.url}/trpc/message.send`, { method: 'POST', headers, body })
    expect(answer.status).toBe(413)
    expect(await answer.text()).toContain('PAYLOAD_TOO_LARGE')
  })

  test('server-sent events arrive as they happen, and no token is logged on the way', async () => {
    const ada = await connect('ada')
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const input = encodeURIComponent(JSON.stringify(transformer.input.serialize({ roomId })))
    const token = await signToken('ada')
    const params = encodeURIComponent(JSON.stringify({ token }))
    const abort = new AbortController()
    const url = `${nginx.url}/trpc/room.onEvent?input=${input}&connectionParams=${params}`
    const response = await fetch(url, { signal: abort.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const readUntil = async (text: string) => {
      let seen = ''
      while (!seen.includes(text)) seen += (await reader?.read())?.value ?? ''
    }
    await readUntil('"ready"')
    // Behind what is buffered the first would not be seen before the last.
    for (const content of ['First', 'Second']) {
      await ada.message.send.mutate({ roomId, clientId: newId(), content })
      await readUntil(content)
    }
    abort.abort()
    await reader?.closed.catch(() => undefined)
    // nginx writes the line when it has noticed.
    while (!(await nginx.accessLog()).includes('/trpc/room.onEvent')) await fetch(`${nginx.url}/healthz`)
    expect(await nginx.accessLog()).not.toContain(token.slice(0, 20))
  })

  test('clients are known by their own addresses, whatever they say, and limited by them', async () => {
    // On two nodes, each of which counts for itself.
    const sockets = Array.from({ length: 2 * PER_ADDRESS + 1 }, (_, index) =>
      socketFrom('127.0.0.2', { 'x-forwarded-for': `198.51.100.${index}` }),
    )
    const code = await Promise.race(sockets.map(async (socket): Promise<unknown> => (await once(socket, 'close'))[0]))
    expect(code).toBe(CLOSE_CODES.TOO_MANY_CONNECTIONS)
    const other = socketFrom('127.0.0.3')
    await once(other, 'open')
    expect(nodes.map((node) => node.output()).join()).toContain('"address":"127.0.0.2"')
    expect(nodes.map((node) => node.output()).join()).not.toContain('198.51.100')
    for (const socket of [...sockets, other]) socket.terminate()
  })

  test('what is for probes alone is not public', async () => {
    expect((await fetch(`${nginx.url}/readyz`)).status).toBe(404)
    expect((await fetch(`${nginx.url}/metrics`)).status).toBe(404)
    expect((await fetch(`${nginx.url}/healthz`)).status).toBe(200)
  })

  test('when a node is killed its clients go on at the other one, and nothing is lost or doubled', async () => {
    const opened = (node: ServerProcess) => node.output().split('"connection opened"').length
    const before = nodes.map(opened)
    const people = [await connect('ada'), await connect('ben'), await connect('cleo'), await connect('dan')]
    // Each node has some of them.
    for (const [index, node] of nodes.entries()) expect(opened(node)).toBeGreaterThan(before[index] ?? 0)

    const [ada] = people
    if (!ada) throw new Error('Nobody is there')
    const memberIds = ['ben', 'cleo', 'dan']
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds })
    const logs = people.map((client) => new EventLog(client, roomId))
    await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))

    const say = (client: ChatClient, content: string) =>
      client.message.send.mutate({ roomId, clientId: newId(), content })
    await Promise.all(people.map((client, index) => say(client, `before ${index}`)))
    const cut = people.flatMap((client, index) => [1, 2, 3].map((each) => say(client, `cut ${index}.${each}`)))
    await nodes[0]?.kill('SIGKILL')
    await Promise.all(cut)
    await Promise.all(people.map((client, index) => say(client, `after ${index}`)))

    const everything = (await ada.message.list.query({ roomId, limit: 100 })).items.toReversed()
    expect(everything).toHaveLength(20)
    for (const log of logs) {
      await log.until(({ contents }) => contents.length >= 20)
      expect(log.contents).toEqual(everything.map((message) => message.content))
      expect(gaps(log.events)).toEqual([])
      expect(log.failure).toBeUndefined()
    }
    for (let index = 0; index < 4; index++) expect((await fetch(`${nginx.url}/healthz`)).status).toBe(200)
  }, 60_000)
})
