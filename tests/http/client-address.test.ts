import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ClientAddresses } from '../../server/http/client-address.ts'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { useTestApp } from '../support/test-app.ts'

/** A request as a server has it, from a peer. */
function request(peer: string, forwardedFor?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const req = new IncomingMessage(socket)
  if (forwardedFor !== undefined) req.headers['x-forwarded-for'] = forwardedFor
  return req
}

describe('behind a proxy that is trusted', () => {
  const addresses = new ClientAddresses(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

  test.each([
    ['127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', '203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['fd00::1', '2001:DB8:0::7', '2001:db8::7'],
    ['127.0.0.1', '203.0.113.7:51234', '203.0.113.7'],
    ['127.0.0.1', '[2001:db8::7]:51234', '2001:db8::7'],
    ['127.0.0.1', '192.168.1.20', '192.168.1.20'],
  ])('%s says X-Forwarded-For: %s', (peer, header, client) => {
    expect(addresses.of(request(peer, header))).toBe(client)
  })

  test('what a client wrote into the header itself stands before its own address and counts for nothing', () => {
    expect(addresses.of(request('127.0.0.1', '198.51.100.1, 203.0.113.7'))).toBe('203.0.113.7')
    expect(addresses.of(request('127.0.0.1', 'unknown, 203.0.113.7'))).toBe('203.0.113.7')
  })

  test('somebody who comes past the proxy is taken for who they are, whatever they say', () => {
    expect(addresses.of(request('203.0.113.7', '127.0.0.1'))).toBe('203.0.113.7')
    expect(addresses.of(request('192.168.1.20', '198.51.100.1'))).toBe('192.168.1.20')
  })

  test('the proxy itself, and a header that names no address, are nobody', () => {
    expect(addresses.of(request('127.0.0.1'))).toBeUndefined()
    expect(addresses.of(request('127.0.0.1', '10.0.0.1'))).toBeUndefined()
    expect(addresses.of(request('127.0.0.1', 'unknown'))).toBeUndefined()
    expect(addresses.of(request('127.0.0.1', 'evil.example.com'))).toBeUndefined()
    for (const header of ['999.0.0.1', '3405803783', '0xcb007107', 'user@203.0.113.7', '203.0.113.7/24']) {
      expect(addresses.of(request('127.0.0.1', header)), header).toBeUndefined()
    }
  })
})

describe('without a proxy that is trusted', () => {
  const addresses = new ClientAddresses([])

  test('a public address is known, and the header is not believed', () => {
    expect(addresses.of(request('203.0.113.7', '198.51.100.1'))).toBe('203.0.113.7')
    expect(addresses.of(request('::ffff:203.0.113.7'))).toBe('203.0.113.7')
  })

  test.each(['127.0.0.1', '::1', '10.0.0.5', '172.17.0.1', '192.168.1.20', '100.64.0.1', 'fd12::1', 'fe80::1%eth0'])(
    '%s of the own network may be a proxy that nobody named, and is nobody',
    (peer) => {
      expect(addresses.of(request(peer, '198.51.100.1'))).toBeUndefined()
    },
  )
})

test('addresses of one IPv6 network are one, as a client has a whole /64 to itself', () => {
  const addresses = new ClientAddresses([])
  expect(addresses.networkOf(request('2001:db8::1:2:3:4'))).toBe('2001:db8:0:0::/64')
  expect(addresses.networkOf(request('2001:db8::9'))).toBe('2001:db8:0:0::/64')
  expect(addresses.networkOf(request('2001:db8:0:1::9'))).toBe('2001:db8:0:1::/64')
  expect(addresses.networkOf(request('203.0.113.7'))).toBe('203.0.113.7')
})

describe('connections from one address', () => {
  const behindProxy = useTestApp({ trustProxy: ['127.0.0.1'], connectionsPerAddress: 2 })
  const direct = useTestApp({ connectionsPerAddress: 2 })

  const connect = (url: string, forwardedFor: string) => {
    const address = `${url.replace('http', 'ws')}/trpc?connectionParams=1`
    return new WebSocket(address, { headers: { 'x-forwarded-for': forwardedFor } })
  }
  const opened = async (url: string, forwardedFor: string) => {
    const socket = connect(url, forwardedFor)
    await once(socket, 'open')
    return socket
  }

  test('are limited, each client behind a trusted proxy for itself, and free again when one goes', async () => {
    const first = await opened(behindProxy.url, '203.0.113.7')
    const second = await opened(behindProxy.url, '203.0.113.7')
    const other = await opened(behindProxy.url, '203.0.113.8')
    const [code]: number[] = await once(connect(behindProxy.url, '198.51.100.1, 203.0.113.7'), 'close')
    expect(code).toBe(CLOSE_CODES.TOO_MANY_CONNECTIONS)
    first.close()
    await once(first, 'close')
    const again = await opened(behindProxy.url, '203.0.113.7')
    for (const socket of [second, other, again]) expect(socket.readyState).toBe(WebSocket.OPEN)
    for (const socket of [second, other, again]) socket.terminate()
  })

  test('are not limited where all may come from a proxy that nobody named', async () => {
    const sockets = await Promise.all([1, 2, 3, 4].map(() => opened(direct.url, '203.0.113.7')))
    const metrics = await direct.app.metrics.text()
    expect(metrics).toContain('confab_connections 4')
    for (const socket of sockets) socket.terminate()
  })
})
