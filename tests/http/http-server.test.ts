import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type AppRouter, type RoomEvent, transformer } from '../../shared/index.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const development = useTestApp({ authSecret: undefined })

const overHttp = (token?: string) =>
  createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${server.url}/trpc`,
        transformer,
        headers: token ? { authorization: `Bearer ${token}` } : {},
      }),
    ],
  })

const tokenAnswer = z.object({ token: z.string() })

describe('health', () => {
  test('/healthz answers while the process lives, /readyz while the database does', async () => {
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ok', degraded: [] })
  })
})

describe('tRPC over HTTP', () => {
  test('a batch is answered call by call, with typed errors and Dates', async () => {
    const client = overHttp(await signToken('ada', { name: 'Ada' }))
    const [me, missing] = await Promise.allSettled([client.auth.me.query(), client.room.get.query({ roomId: newId() })])
    expect(me).toMatchObject({ status: 'fulfilled', value: { user: { name: 'Ada' }, expiresAt: expect.any(Date) } })
    expect(missing).toMatchObject({ status: 'rejected', reason: { data: { reason: 'NOT_FOUND', httpStatus: 404 } } })
  })

  test('without a token, and with a wrong one, nothing is said', async () => {
    await expect(overHttp().auth.me.query()).rejects.toMatchObject({
      data: { reason: 'UNAUTHENTICATED', httpStatus: 401 },
    })
    await expect(overHttp('nonsense').auth.me.query()).rejects.toMatchObject({ data: { reason: 'TOKEN_INVALID' } })
  })

  test('a token that expires at the last moment there is says so, and one that expires later is not valid', async () => {
    const until = async (exp: number) =>
      overHttp(await signToken('ada', { issuedAt: 1, expiresIn: exp - 1 })).auth.me.query()
    expect(await until(8.64e12)).toMatchObject({ expiresAt: new Date(8.64e15) })
    await expect(until(9e12)).rejects.toMatchObject({ data: { reason: 'TOKEN_INVALID' } })
  })

  test('a body beyond the limit and one that is no JSON are refused', async () => {
    const headers = { authorization: `Bearer ${await signToken('ada')}`, 'content-type': 'application/json' }
    const post = (body: string) => fetch(`${server.url}/trpc/message.send`, { method: 'POST', headers, body })
    expect((await post('x'.repeat(600 << 10))).status).toBe(413)
    const refused = await post('{')
    expect(refused.status).toBe(400)
    expect(await refused.text()).not.toMatch(/stack|node_modules/)
  })
})

describe('tRPC over server-sent events', () => {
  test('a room is followed, and resumed by Last-Event-ID', async () => {
    const token = await signToken('ada')
    const ada = server.caller('ada')
    await ada.auth.me()
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room' })
    const input = encodeURIComponent(JSON.stringify(transformer.input.serialize({ roomId })))
    const params = encodeURIComponent(JSON.stringify({ token }))
    const url = `${server.url}/trpc/room.onEvent?input=${input}&connectionParams=${params}`

    const stream = await openStream(url)
    const [ready] = await stream.take(1)
    expect(ready?.event.type).toBe('ready')
    await ada.message.send({ roomId, clientId: newId(), content: 'First' })
    const [first] = await stream.take(1)
    await stream.close()
    await ada.message.send({ roomId, clientId: newId(), content: 'While away' })

    const resumed = await openStream(url, first?.id)
    expect((await resumed.take(2)).map(({ event }) => event)).toMatchObject([
      { type: 'ready' },
      { type: 'message.created', message: { content: 'While away' } },
    ])
    await resumed.close()
  })

  test('one that is silent is pinged every 15 s, and its client knows how long to wait', async () => {
    const [token, abort] = [await signToken('ada'), new AbortController()]
    const params = encodeURIComponent(JSON.stringify({ token }))
    const url = `${server.url}/trpc/inbox.onEvent?connectionParams=${params}`
    const response = await fetch(url, { signal: abort.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: ping')) text += (await reader?.read())?.value ?? ''
    expect(text).toContain('event: connected\ndata: {"reconnectAfterInactivityMs":40000}\n')
    abort.abort()
  }, 20_000)

  interface SentEvent {
    id: string
    event: RoomEvent
  }

  async function openStream(url: string, lastEventId?: string) {
    const abort = new AbortController()
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const response = await fetch(url, { headers, signal: abort.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    return {
      async take(count: number): Promise<SentEvent[]> {
        const events: SentEvent[] = []
        while (events.length < count) {
          const end = text.indexOf('\n\n')
          if (end === -1) {
            text += (await reader?.read())?.value ?? ''
            continue
          }
          const lines = Object.fromEntries(
            text
              .slice(0, end)
              .split('\n')
              .map((line) => line.split(/: ?(.*)/, 2)),
          )
          text = text.slice(end + 2)
          if (lines.id)
            events.push({ id: lines.id, event: toEvent(transformer.output.deserialize(JSON.parse(lines.data))) })
        }
        return events
      },
      async close() {
        abort.abort()
        await reader?.closed.catch(() => undefined)
      },
    }
  }

  function toEvent(value: unknown): RoomEvent {
    const isEvent = (each: unknown): each is RoomEvent => typeof each === 'object' && each !== null && 'type' in each
    if (!isEvent(value)) throw new Error(`Not an event: ${JSON.stringify(value)}`)
    return value
  }
})

describe('pages', () => {
  test('of other origins may call only where they are allowed', async () => {
    const ask = (origin: string) =>
      fetch(`${server.url}/trpc/auth.me`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      })
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    expect((await ask(server.url)).headers.get('access-control-allow-origin')).toBe(server.url)
  })

  test('are served under a strict policy', async () => {
    const policy = (await fetch(server.url)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('unsafe')
  })

  test('that do not exist are answered without a warning of too many listeners', async () => {
    const warnings: string[] = []
    const onWarning = ({ name }: Error) => warnings.push(name)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const answer = await fetch(`${server.url}/nowhere`, { headers: { accept: 'text/html' } })
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('This page does not exist')])
    expect(warnings).toEqual([])
  })
})

describe('the development sign-in', () => {
  const signIn = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  test('gives a token for a name, which the server accepts', async () => {
    const response = await signIn(development.url, { name: 'Ada Lovelace' })
    const { token } = tokenAnswer.parse(await response.json())
    const client = createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({ url: `${development.url}/trpc`, transformer, headers: { authorization: `Bearer ${token}` } }),
      ],
    })
    expect(await client.auth.me.query()).toMatchObject({ user: { id: 'ada-lovelace', name: 'Ada Lovelace' } })
  })

  test('does not exist where tokens are signed elsewhere', async () => {
    expect((await signIn(server.url, { name: 'alice' })).status).toBe(404)
  })

  test('is refused through a proxy, under a foreign name and to a foreign page', async () => {
    const url = development.url
    expect((await signIn(url, { name: 'alice' }, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403)
    expect((await signIn(url, { name: 'alice' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await signIn(url, { name: 'alice' }, { origin: 'http://localhost:5173' })).status).toBe(200)
  })

  test('names the fault of a name', async () => {
    const response = await signIn(development.url, { name: '!!' })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining('name') })
  })
})
