import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../server/transport/token-bucket.ts'
import { frameHead, latin1Of, utf8Bytes } from '../../server/transport/websocket-frame.ts'
import { serveRouter, t } from './served-router.ts'
import { WirePeer } from './wire-peer.ts'

describe('a frame', () => {
  test.for([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('of %i bytes is read as it was written', async (length) => {
    const body = '\xe9'.repeat(length)
    const { url, wss, sockets } = await serveRouter(t.router({}))
    const peer = new WirePeer(url)
    const read = Promise.withResolvers<[string, boolean]>()
    peer.socket.on('message', (data: Buffer, isBinary) => read.resolve([data.toString('latin1'), isBinary]))
    await once(wss, 'connection')
    sockets[0]?.write(frameHead('binary', length) + body, 'latin1')
    expect(await read.promise).toEqual([body, true])
  })

  test('has its length in eight bytes where it has to', () => {
    const head = Buffer.from(frameHead('text', 2 ** 32 + 5), 'latin1')
    expect([...head]).toEqual([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 5])
  })

  test('carries text as UTF-8 and bytes as they are', () => {
    expect(Buffer.from(utf8Bytes('ä€🎉'), 'latin1').toString()).toBe('ä€🎉')
    expect(latin1Of(Buffer.from('--\xff\x00--', 'latin1').subarray(2, 4))).toBe('\xff\x00')
  })
})

describe('a token bucket', () => {
  const at = (rate = { perSecond: 10, burst: 5 }) => {
    const clock = { ms: 0 }
    return { clock, bucket: new TokenBucket(rate, () => clock.ms) }
  }

  test('lets a burst through, then one at a time', () => {
    const { clock, bucket } = at()
    expect(Array.from({ length: 6 }, () => bucket.take(1))).toEqual([0, 0, 0, 0, 0, 100])
    clock.ms = 100
    expect(bucket.take(1)).toBe(100)
    clock.ms = 300
    expect(bucket.take(1)).toBe(0)
  })

  test('gives credit, which is to be paid', () => {
    const { clock, bucket } = at()
    expect(bucket.take(25)).toBe(2_000)
    clock.ms = 2_000
    expect(bucket.take(0)).toBe(0)
    expect(bucket.take(1)).toBe(100)
  })

  test('never holds more than its burst', () => {
    const { clock, bucket } = at()
    clock.ms = 60_000
    expect(bucket.take(5)).toBe(0)
    expect(bucket.take(1)).toBe(100)
  })
})
