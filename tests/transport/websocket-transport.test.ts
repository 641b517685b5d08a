import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { signToken, useTestApp } from '../support/test-app.ts'

const server = useTestApp({ allowedOrigins: ['https://app.example.com'] }, { authDeadlineMs: 300 })

const address = (path = '/trpc?connectionParams=1') => `${server.url.replace('http', 'ws')}${path}`

/** What a peer is told in the end: the error frames, and how the connection was closed. */
async function lastWords(socket: WebSocket): Promise<{ reasons: (string | undefined)[]; code: number }> {
  const reasons: (string | undefined)[] = []
  socket.on('message', (data: Buffer) => {
    const frame: { id: unknown; error?: { json: { data: { reason: string } } } } = JSON.parse(data.toString())
    if (frame.id === null) reasons.push(frame.error?.json.data.reason)
  })
  const [code]: number[] = await once(socket, 'close')
  return { reasons, code: code ?? 0 }
}

/** The first line of the answer to a raw request. */
async function rawAnswer(lines: string[]): Promise<string> {
  const socket: Socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [data]: Buffer[] = await once(socket, 'data')
  socket.destroy()
  return data?.toString().split('\r\n')[0] ?? ''
}

const upgrade = (target: string, headers: string[]) =>
  rawAnswer([
    `GET ${target} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ])

describe('the upgrade', () => {
  test('is refused for a Host or a URL that is none, and for another path', async () => {
    expect(await upgrade('/trpc', ['Host: ['])).toBe('HTTP/1.1 400 Bad Request')
    expect(await upgrade('//', ['Host: localhost'])).toBe('HTTP/1.1 400 Bad Request')
    expect(await upgrade('/elsewhere', ['Host: localhost'])).toBe('HTTP/1.1 404 Not Found')
  })

  test('is refused to pages from elsewhere, and granted to the server’s own and to allowed ones', async () => {
    const host = new URL(server.url).host
    expect(await upgrade('/trpc', [`Host: ${host}`, 'Origin: https://evil.example'])).toBe('HTTP/1.1 403 Forbidden')
    expect(await upgrade('/trpc', [`Host: ${host}`, 'Origin: null'])).toBe('HTTP/1.1 403 Forbidden')
    for (const origin of [`http://${host}`, 'https://app.example.com']) {
      expect(await upgrade('/trpc', [`Host: ${host}`, `Origin: ${origin}`])).toBe('HTTP/1.1 101 Switching Protocols')
    }
  })
})

describe('who is sent away is told why before the close', () => {
  test('without connectionParams', async () => {
    const told = await lastWords(new WebSocket(address('/trpc')))
    expect(told).toEqual({ reasons: ['UNAUTHENTICATED'], code: CLOSE_CODES.UNAUTHENTICATED })
  })

  test('with a token that is not valid', async () => {
    const socket = new WebSocket(address())
    socket.on('open', () => socket.send(JSON.stringify({ method: 'connectionParams', data: { token: 'nonsense' } })))
    expect(await lastWords(socket)).toEqual({ reasons: ['TOKEN_INVALID'], code: CLOSE_CODES.TOKEN_INVALID })
  })

  test('with silence, after a deadline', async () => {
    const told = await lastWords(new WebSocket(address()))
    expect(told).toEqual({ reasons: ['UNAUTHENTICATED'], code: CLOSE_CODES.UNAUTHENTICATED })
  })

  test.for([600, 5_000])('with a frame beyond the limit (%i KiB), by the protocol’s own code', async (kib) => {
    const socket = new WebSocket(address())
    socket.on('open', () => socket.send('x'.repeat(kib << 10)))
    expect(await lastWords(socket)).toEqual({ reasons: ['PAYLOAD_TOO_LARGE'], code: 1009 })
  })
})

describe('a hostile peer', () => {
  test('that sends garbage gets errors, and everybody else is served on', async () => {
    const token = await signToken('ada')
    const socket = new WebSocket(address())
    await once(socket, 'open')
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
    const answers: string[] = []
    socket.on('message', (data: Buffer) => answers.push(data.toString()))
    for (const frame of [
      '{',
      '[]',
      '[{}]',
      '{"id":1}',
      'null',
      JSON.stringify({ id: 2, method: 'query', params: { path: 'no.such' } }),
    ]) {
      socket.send(frame)
    }
    socket.send(JSON.stringify({ id: 3, method: 'query', params: { path: 'auth.me', input: { json: null } } }))
    const answerTo = (id: number) => answers.find((answer) => answer.includes(`"id":${id}`))
    while (!answerTo(2) || !answerTo(3)) await once(socket, 'message')
    for (const answer of answers) expect(answer).not.toMatch(/stack|node_modules|at .*\.ts/)
    expect(answerTo(2)).toContain('"reason":"NOT_FOUND"')
    socket.terminate()

    const ada = await server.connect('ada')
    expect(await ada.auth.me.query()).toMatchObject({ user: { id: 'ada' } })
  })
})
