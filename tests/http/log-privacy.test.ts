import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { loggedError } from '../../server/http/logged-error.ts'
import { type ChatClient, createChatClient, transformer } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

/** What people say; no log may hold it. */
const SAID = 'meet-me-at-the-old-mill'

let database: TestDatabase
let server: ServerProcess
let client: ChatClient
let token: string

beforeAll(async () => {
  database = await createTestDatabase()
  const env = { PORT: '0', DATABASE_URL: database.url, AUTH_SECRET: TEST_SECRET, DATA_DIR: '/nonexistent' }
  server = await startServerProcess({ ...env, LOG_LEVEL: 'trace' })
  token = await signToken('ada')
  client = createChatClient({ url: server.url, token })
})

afterAll(async () => {
  await client.close()
  await server.kill('SIGTERM')
  await database.drop()
})

const line = z.looseObject({ msg: z.string() })

/** The lines of the log that are events, which all are but the greeting. */
const logged = () =>
  server
    .output()
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => line.parse(JSON.parse(text)))

/** The first line that says so, as soon as it is there. */
async function lineOf(isIt: (entry: z.infer<typeof line>) => boolean): Promise<z.infer<typeof line>> {
  while (true) {
    const found = logged().find(isIt)
    if (found) return found
    if (server.child.stdout) await once(server.child.stdout, 'data')
  }
}

const serialized = (value: unknown) => encodeURIComponent(JSON.stringify(transformer.input.serialize(value)))

/** Everything that a caller can get wrong, with a text and a token in it that must not be seen again. */
async function talk(): Promise<string> {
  const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
  const events = await new EventLog(client, roomId).until((log) => log.events.length > 0)
  await client.message.send.mutate({ roomId, clientId: newId(), content: SAID })
  await events.until(({ contents }) => contents.includes(SAID))
  const sent = { roomId, clientId: newId(), content: SAID, [SAID]: true }
  await expect(client.message.send.mutate(sent)).rejects.toMatchObject({ data: { reason: 'INVALID_INPUT' } })
  await expect(client.message.send.mutate({ roomId: newId(), clientId: newId(), content: SAID })).rejects.toThrow()
  events.stop()
  return roomId
}

async function talkOverHttp(roomId: string): Promise<void> {
  const params = encodeURIComponent(JSON.stringify({ token }))
  const abort = new AbortController()
  const stream = await fetch(
    `${server.url}/trpc/room.onEvent?input=${serialized({ roomId })}&connectionParams=${params}`,
    { signal: abort.signal },
  )
  await stream.body?.getReader().read()
  abort.abort()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const post = (body: string) =>
    fetch(`${server.url}/trpc/message.send?said=${SAID}`, { method: 'POST', headers, body })
  await post(`{"json":{"content":"${SAID}`)
  await post(JSON.stringify({ json: { content: SAID, token } }))
  await post(SAID.repeat(40_000))
  for (const path of [`/hooks/${SAID}`, `/trpc/${SAID}`, `/trpc/auth.me,${SAID}?batch=1`, `/assets/${SAID}.js`]) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
    }
  }
  await trace(`/trpc/${SAID}`)
}

/** By a method that fetch does not send. */
async function trace(path: string): Promise<void> {
  const socket = connect(Number(new URL(server.url).port), 'localhost')
  socket.write(`TRACE ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  socket.resume()
  await once(socket, 'close')
}

async function sendGarbage(): Promise<void> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  await once(socket, 'open')
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
  socket.send(`${SAID} ${token}`)
  socket.send(`{"id":1,"method":"mutation","params":{"path":"message.send","input":${SAID}`)
  await once(socket, 'message')
  socket.close()
  const late = new WebSocket(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  await once(late, 'open')
  late.send(`{"data":{"token":"${token}`)
  await once(late, 'close')
}

describe('the log, at its most talkative', () => {
  test('names every request, connection and unexpected error, and holds neither what is said nor a token', async () => {
    const roomId = await talk()
    await talkOverHttp(roomId)
    await sendGarbage()

    // Postgres itself refuses the message, and quotes its row in the error's details.
    const postgres = new Client({ connectionString: database.url })
    await postgres.connect()
    await postgres.query(`alter table messages add constraint calm check (content not like '%!')`)
    await postgres.end()
    const shout = { roomId, clientId: newId(), content: `${SAID}!` }
    const failure = await client.message.send.mutate(shout).catch((error: unknown) => error)
    const { errorId } = z.object({ data: z.object({ errorId: z.string() }) }).parse(failure).data
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify(transformer.input.serialize({ ...shout, clientId: newId() }))
    const answer = await fetch(`${server.url}/trpc/message.send`, { method: 'POST', headers, body })
    expect(answer.status).toBe(500)
    await client.close()

    const unexpected = await lineOf((entry) => entry['errorId'] === errorId)
    expect(unexpected).toMatchObject({ path: 'message.send', connectionId: expect.any(String), err: { code: '23514' } })
    const requestId = answer.headers.get('x-request-id')
    await lineOf((entry) => entry.msg === 'unexpected error' && entry['requestId'] === requestId)
    await lineOf((entry) => entry.msg === 'request answered' && entry['requestId'] === requestId)
    const { connectionId } = unexpected
    await lineOf((entry) => entry.msg === 'connection opened' && entry['connectionId'] === connectionId)
    const closed = await lineOf((entry) => entry.msg === 'connection closed' && entry['connectionId'] === connectionId)
    expect(closed).toMatchObject({ userId: 'ada', code: expect.any(Number), lastedMs: expect.any(Number) })
    const followed = await lineOf((entry) => entry['route'] === '/trpc/room.onEvent')
    expect(followed).toMatchObject({ method: 'GET', status: 200 })
    const routes = new Set(
      logged()
        .filter(({ msg }) => msg === 'request answered')
        .map(({ route }) => route),
    )
    const expected = ['/trpc/message.send', '/trpc/room.onEvent', '/trpc/unknown', '/trpc/auth.me,unknown', 'unknown']
    expect([...routes]).toEqual(expect.arrayContaining(expected))
    expect(logged().filter(({ msg }) => msg === 'unable to answer a request')).toEqual([])

    await server.kill('SIGTERM')
    const output = server.output()
    expect(output).not.toContain(SAID)
    expect(output).not.toContain(SAID.slice(0, 12))
    for (const part of token.split('.')) expect(output).not.toContain(part.slice(0, 20))
  })
})

describe('an error in the log', () => {
  test('of a parser does not quote what it could not read', () => {
    const parse = () => JSON.parse(SAID)
    expect(parse).toThrow(SAID.slice(0, 5))
    try {
      parse()
    } catch (error) {
      expect(JSON.stringify(loggedError(error))).not.toContain(SAID.slice(0, 5))
    }
  })

  test('has its name, its code and where it was thrown, and nothing that a library hung on it', () => {
    const error = Object.assign(new RangeError('Unable to count'), {
      code: 'E_COUNT',
      detail: SAID,
      query: randomUUID(),
    })
    expect(loggedError(error)).toEqual({
      type: 'RangeError',
      message: 'Unable to count',
      code: 'E_COUNT',
      stack: expect.stringMatching(/^ {4}at /),
    })
  })
})
