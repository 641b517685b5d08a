import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { EventSource } from '../support/event-source.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

const TIMES = { headersMs: 300, requestMs: 600, checkMs: 100, keepAliveMs: 500, silenceMs: 1_500 }
const server = useTestApp({ metricsPort: 0 }, { http: TIMES })

/** A socket that goes on after the server has ended its side. */
async function open(port: number): Promise<Socket & { text: string }> {
  const socket = Object.assign(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), { text: '' })
  socket.on('error', () => undefined)
  socket.on('data', (data: Buffer) => {
    socket.text += data.toString()
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Resolves when the server has let go of the socket, whatever it still sends; the test's own time limit is the bound. */
async function letGo(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    // What reaches nobody is answered by a reset.
    socket.write('x')
    await delay(50)
  }
}

async function drip(socket: Socket, text: string): Promise<void> {
  for (let at = 0; !socket.destroyed; at++) {
    socket.write(text[at % text.length] ?? '')
    await delay(20)
  }
}

const portOf = (url: string) => Number(new URL(url).port)
const ofEach = (use: (port: number) => Promise<void>) =>
  Promise.all([portOf(server.url), server.metricsPort ?? 0].map(use))

describe('a request that takes its time ends, of the clients’ port and of that for metrics', () => {
  test('with a body that comes a byte at a time', async () => {
    const token = await signToken('ada')
    await ofEach(async (port) => {
      const socket = await open(port)
      socket.write(
        `POST /trpc/message.send HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n',
      )
      await drip(socket, '{"json":{}}')
    })
  })

  test('with headers that come a byte at a time, or not at all', async () => {
    await ofEach(async (port) => {
      const silent = await open(port)
      await Promise.all([drip(await open(port), 'x'), once(silent, 'end')])
    })
  })

  test('and so does a socket that says nothing more after its answer', async () => {
    await ofEach(async (port) => {
      const socket = await open(port)
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(socket, 'end')
      expect(socket.text).toMatch(/^HTTP\/1\.1 (200|404)/)
    })
  })
})

test('an upgrade that is refused is cut, though its peer keeps the socket open', async () => {
  const socket = await open(portOf(server.url))
  const upgrade = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  socket.write(`GET /elsewhere HTTP/1.1\r\n${upgrade}\r\n`)
  await once(socket, 'end')
  expect(socket.text).toMatch(/^HTTP\/1\.1 404/)
  await letGo(socket)
})

describe('a reader of server-sent events that does not read', () => {
  const sockets = new Set<Socket>()
  const remember = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    if (message.socket instanceof Socket) sockets.add(message.socket)
  }
  beforeAll(() => subscribe('net.server.socket', remember))
  afterAll(() => void unsubscribe('net.server.socket', remember))

  test('has little queued for it, and is let go', async () => {
    const ada = server.caller('ada')
    await ada.auth.me()
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room' })
    sockets.clear()
    const source = new EventSource(server.url, 'room.onEvent', { token: await signToken('ada'), input: { roomId } })
    const response = await source.response
    response.on('error', () => undefined)
    response.pause()
    const [socket] = sockets
    if (!socket) throw new Error('Nobody connected')
    let queued = 0
    let sent = 0
    while (!socket.destroyed) {
      if (sent < 1_500) {
        const content = 'x'.repeat(8_000)
        await Promise.all(Array.from({ length: 50 }, () => ada.message.send({ roomId, clientId: newId(), content })))
        sent += 50
      } else await delay(50)
      queued = Math.max(queued, socket.writableLength)
    }
    expect(queued).toBeLessThan(128 << 10)
    const streams = async () =>
      /confab_subscriptions\{path="room.onEvent"\} (\d+)/.exec(await server.app.metrics.text())?.[1]
    await expect.poll(streams).toBe('0')
    source.close()
  })
})

describe('sockets', () => {
  const few = useTestApp({ maxConnections: 3 })
  // The proxy that is trusted is another one, so that this machine's own address counts.
  const known = useTestApp({ trustProxy: ['10.9.9.9'], connectionsPerAddress: 2 })

  const isKept = async (socket: Socket) => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const gone = Promise.race([once(socket, 'end'), once(socket, 'close')])
    return Promise.race([once(socket, 'data').then(() => true), gone.then(() => false)])
  }

  test('of all kinds are bounded in all: more are cut as they come', async () => {
    const sockets = [await open(portOf(few.url)), await open(portOf(few.url)), await open(portOf(few.url))]
    expect(await isKept(await open(portOf(few.url)))).toBe(false)
    sockets[0]?.destroy()
    await expect.poll(async () => isKept(await open(portOf(few.url)))).toBe(true)
  })

  test('of one address are bounded, where it is known: more are cut as they come', async () => {
    const port = portOf(known.url)
    const sockets = [await open(port), await open(port), await open(port), await open(port)]
    expect(await isKept(await open(port))).toBe(false)
    sockets[0]?.destroy()
    await expect.poll(async () => isKept(await open(port))).toBe(true)
  })
})

describe('requests under way', () => {
  const proxied = useTestApp({ trustProxy: ['127.0.0.1', '::1'], connectionsPerAddress: 2 })

  test('and WebSockets of one address behind a proxy are bounded together, and told so', async () => {
    const token = await signToken('ada')
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    const ask = (from: string) => fetch(`${proxied.url}/trpc/auth.me`, { headers: { 'x-forwarded-for': from } })
    const source = new EventSource(proxied.url, 'inbox.onEvent', { token, headers }).read()
    await source.until(({ hasBegun }) => hasBegun)
    const address = `${proxied.url.replace('http', 'ws')}/trpc?connectionParams=1`
    const socket = new WebSocket(address, { headers })
    await once(socket, 'open')

    const refused = await ask('203.0.113.7')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.text()).toContain('"reason":"RATE_LIMITED"')
    expect((await ask('203.0.113.8')).status).toBe(401)
    const [code]: number[] = await once(new WebSocket(address, { headers }), 'close')
    expect(code).toBe(4_101)

    source.close()
    await expect.poll(async () => (await ask('203.0.113.7')).status).toBe(401)
    socket.terminate()
  })
})
