import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { signToken } from '../support/test-app.ts'
import { many } from './hostile-inputs.ts'
import { MAX_HOLD_MS, useProbedServer } from './probed-server.ts'

/** Sockets that are read in one turn of the loop, each of as much as Node reads at once. */
const SOCKETS = 30
const READ_BYTES = 64 << 10

const server = useProbedServer()

/** A masked frame of at most 125 bytes (RFC 6455, section 5.2). The mask is zero. */
function frame(opcode: number, text = '', isFinal = true): Buffer {
  return Buffer.from([(isFinal ? 0x80 : 0) | opcode, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text)])
}

const ofSize = (one: Buffer) => Buffer.concat(many(Math.floor(READ_BYTES / one.length), () => one))

const FLOODS: Record<string, Buffer> = {
  'empty messages': ofSize(frame(1)),
  'PING messages': ofSize(frame(1, 'PING')),
  pings: ofSize(frame(9)),
  pongs: ofSize(frame(10)),
  'messages of 250 empty fragments': ofSize(
    Buffer.concat([frame(1, '', false), ...many(248, () => frame(0, '', false)), frame(0)]),
  ),
  'a message of endless fragments': Buffer.concat([frame(1, '[', false), ofSize(frame(0, '', false))]),
}

/** A WebSocket of which nothing is hidden. */
async function open(): Promise<Socket> {
  const { hostname, port, host } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13'
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  socket.write(`GET /trpc?connectionParams=1 HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n${key}\r\n\r\n`)
  await once(socket, 'data')
  socket.resume()
  return socket
}

async function holdOf(flood: Buffer, token: string | undefined): Promise<number> {
  const sockets = await Promise.all(many(SOCKETS, open))
  if (token) {
    const params = Buffer.from(JSON.stringify({ method: 'connectionParams', data: { token } }))
    const head = Buffer.from([0x81, 0x80 | 126, params.length >> 8, params.length & 0xff, 0, 0, 0, 0])
    for (const socket of sockets) socket.write(Buffer.concat([head, params]))
    await server.health()
  }
  await server.longestHold()
  for (const socket of sockets) socket.write(flood)
  // Some turns, until it shows in the probe what a read of all of them costs.
  for (let look = 0; look < 5; look++) {
    await sleep(50)
    await server.health()
  }
  for (const socket of sockets) socket.destroy()
  return server.longestHold()
}

const cases = Object.entries(FLOODS).flatMap(([name, flood]) => [
  { name, flood, by: 'nobody' },
  { name, flood, by: 'a user' },
])

test.each(cases)(
  `${SOCKETS} sockets full of $name, from $by, hold the loop for no longer than 50 ms`,
  async ({ flood, by }) => {
    const holds: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      holds.push(await holdOf(flood, by === 'nobody' ? undefined : await signToken(`user-${attempt}`)))
      if ((holds.at(-1) ?? 0) <= MAX_HOLD_MS) break
    }
    expect(Math.min(...holds)).toBeLessThanOrEqual(MAX_HOLD_MS)
  },
)

test('a message of more than 256 fragments is told so, and its connection is closed', async () => {
  const socket = await open()
  let received = ''
  socket.on('data', (data) => {
    received += data.toString('latin1')
  })
  socket.write(Buffer.concat([frame(1, '[', false), ...many(300, () => frame(0, '', false))]))
  await once(socket, 'end')
  expect(received).toContain('"reason":"INVALID_INPUT"')
  // The close frame with 1008.
  expect(received.slice(-4)).toBe('\x88\x02\x03\xf0')
})
