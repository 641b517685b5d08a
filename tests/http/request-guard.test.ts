import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { readSamples } from '../support/metric-samples.ts'
import { signToken, useTestApp } from '../support/test-app.ts'
import { query, WirePeer } from '../transport/wire-peer.ts'

const server = useTestApp({ allowedOrigins: ['https://app.example.com'] })

/** The whole answer to a request that fetch would not send. */
async function ask(method: string, path: string, headers: string[] = []): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  let text = ''
  socket.on('data', (data: Buffer) => {
    text += data.toString()
  })
  socket.write([`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n'))
  await once(socket, 'close')
  return text
}

const METHODS = ['TRACE', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'QUERY', 'LOCK', 'M-SEARCH']
const PATHS = ['/trpc/auth.me', '/trpc/no.such', '/', '/healthz', '/no/such']

describe('a method that nothing here is asked by', () => {
  test.for(METHODS.flatMap((method) => PATHS.map((path) => [method, path] as const)))(
    '%s %s is answered with 405 and what is allowed',
    async ([method, path]) => {
      const answer = await ask(method, path)
      expect(answer).toMatch(/^HTTP\/1\.1 405 /)
      expect(answer).toMatch(/^allow: GET, HEAD, POST\r$/im)
      expect(answer).toContain('Unable to answer this method; use GET, HEAD, POST')
      if (path.startsWith('/trpc/')) expect(answer).toContain('"reason":"INVALID_INPUT"')
      expect(answer).not.toMatch(/stack|node_modules/)
    },
  )

  test('CONNECT is answered so too', async () => {
    const answer = await ask('CONNECT', 'example.com:443')
    expect(answer).toMatch(/^HTTP\/1\.1 405 /)
    expect(answer).toMatch(/^allow: GET, HEAD, POST\r$/im)
  })
})

describe('a page that may call', () => {
  test('may resume its streams, and read when to come back and what its request is called', async () => {
    const preflight = await fetch(`${server.url}/trpc/room.onEvent`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'last-event-id',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('last-event-id')
    const answer = await fetch(`${server.url}/trpc/auth.me`, { headers: { origin: 'https://app.example.com' } })
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after, x-request-id')
  })
})

describe('a batch of more calls than there may be', () => {
  test('is refused over HTTP and over WebSocket alike, and never to be tried again', async () => {
    const token = await signToken('ada')
    const paths = Array.from({ length: 129 }, () => 'auth.me').join(',')
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${server.url}/trpc/${paths}?batch=1`, { headers })
    const text = await answer.text()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([400, null])
    expect(text).toContain('"reason":"INVALID_INPUT"')
    expect(text).not.toContain('retryAfterMs')
    const whole = await fetch(`${server.url}/trpc/${paths.split(',').slice(1).join(',')}?batch=1`, { headers })
    expect(whole.status).toBe(200)

    const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
    peer.send({ method: 'connectionParams', data: { token } })
    peer.send(Array.from({ length: 129 }, (_, id) => query(id, 'auth.me')))
    await peer.until(() => peer.messages.length === 129)
    for (const refused of peer.texts) {
      expect(refused).toContain('"reason":"INVALID_INPUT"')
      expect(refused).not.toContain('retryAfterMs')
    }
  })
})

describe('a call that is to be tried again', () => {
  test('says when in a header too', async () => {
    const headers = { authorization: `Bearer ${await signToken('ben')}`, 'content-type': 'application/json' }
    const preview = () =>
      fetch(`${server.url}/trpc/invite.preview?input=%7B%22json%22%3A%7B%22code%22%3A%22x%22%7D%7D`, { headers })
    let answer = await preview()
    while (answer.status !== 429) answer = await preview()
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(readSamples(await server.app.metrics.text()).some(({ labels }) => labels['status'] === '429')).toBe(true)
  })
})
