import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { t } from './served-router.ts'
import { serveTransport } from './served-transport.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Far more than a turn each for the server, which is in this process, to read each byte by itself. */
const BYTES = 20_000

test('a frame that comes a byte at a time is given up before it weighs much', async () => {
  const { url } = await serveTransport(t.router({}), { limits: { maxFrameBytes: 512 << 10 }, authDeadlineMs: 60_000 })
  const { hostname, port, host, pathname } = new URL(url)
  const socket = connect(Number(port), hostname).setNoDelay(true)
  socket.on('error', () => undefined)
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13'
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  socket.write(`GET ${pathname}?connectionParams=1 HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n${key}\r\n\r\n`)
  await once(socket, 'data')
  let received = ''
  socket.on('data', (data) => {
    received += data.toString('latin1')
  })
  // The head of a text frame of 65,535 bytes.
  socket.write(Buffer.from([0x81, 0x80 | 126, 0xff, 0xff, 0, 0, 0, 0]))
  for (let sent = 0; sent < BYTES && !socket.readableEnded; sent++) {
    socket.write('x')
    await turn()
    await turn()
  }
  expect(received).toContain('"id":null')
  // The close frame with 1008.
  expect(received.slice(-4)).toBe('\x88\x02\x03\xf0')
}, 30_000)
