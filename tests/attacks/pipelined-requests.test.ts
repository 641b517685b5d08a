import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { many } from './hostile-inputs.ts'
import { MAX_HOLD_MS, useProbedServer } from './probed-server.ts'

/** Requests under way that a socket may have. */
const UNDER_WAY = 8
/** Calls of a batch. */
const BATCH = 128
const READ_BYTES = 64 << 10

const server = useProbedServer()

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const asMany = (request: string) => request.repeat(Math.ceil(READ_BYTES / request.length))

/** Sends all at once and resolves with the answers when so many have come, or when the server has closed. */
async function exchange(requests: string, count: number): Promise<string> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  let text = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (answersIn(text) >= count) resolve()
    })
    socket.once('close', () => resolve())
  })
  await once(socket, 'connect')
  socket.write(requests)
  await answered
  socket.destroy()
  return text
}

const answersIn = (text: string): number => text.match(/HTTP\/1\.1 \d/g)?.length ?? 0

/** The shortest of some longest holds: a stall is there each time, a collection of garbage or a compilation is not. */
async function holdOf(work: () => Promise<unknown>): Promise<number> {
  const holds: number[] = []
  for (let attempt = 0; attempt < 4; attempt++) {
    await server.longestHold()
    await work()
    holds.push(await server.longestHold())
    if ((holds.at(-1) ?? 0) <= MAX_HOLD_MS) break
  }
  return Math.min(...holds)
}

test.each([
  ['/healthz', get('/healthz')],
  ['what is not there', get('/nothing')],
  ['a batch of unknown procedures', get(`/trpc/${many(BATCH, () => 'a').join()}?batch=1`)],
  ['a batch of calls', get(`/trpc/${many(BATCH, () => 'auth.me').join()}?batch=1`)],
])('a read full of requests for %s holds the loop for no longer than 50 ms', async (_, request) => {
  expect(await holdOf(() => exchange(asMany(request), UNDER_WAY))).toBeLessThanOrEqual(MAX_HOLD_MS)
})

test('of many requests at once on one socket, eight are answered, the last with the close', async () => {
  const text = await exchange(asMany(get('/healthz')), Infinity)
  expect(answersIn(text)).toBe(UNDER_WAY)
  expect(text.match(/connection: close/gi)).toHaveLength(1)
})

test('a few requests at once on one socket are all answered, and it stays open', async () => {
  const text = await exchange(get('/healthz').repeat(UNDER_WAY - 1), UNDER_WAY - 1)
  expect(answersIn(text)).toBe(UNDER_WAY - 1)
  expect(text).not.toMatch(/connection: close/i)
})
