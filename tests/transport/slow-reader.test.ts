import { once } from 'node:events'
import { connect } from 'node:net'
import { TRPCError } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { ConnectionLimit } from '../../server/transport/connection-bounds.ts'
import { LiveEvent, liveStream } from '../../server/transport/live-stream.ts'
import { Broadcast } from './broadcast.ts'
import { collectGarbage } from './collect-garbage.ts'
import { onlyClient, serveRouter, t } from './served-router.ts'
import { query, subscription, WirePeer } from './wire-peer.ts'

const MIB = 1 << 20
const bounds = { highWaterBytes: 256 << 10, maxQueuedBytes: MIB }
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const notIterated = () => {
  throw new Error('Iterated, not attached')
}

/** Lets a socket read so much a second, and no more. Returns how to let it go. */
function slowDown(socket: WebSocket, bytesPerSecond: number): () => void {
  let allowance = 0
  const onMessage = (data: Buffer) => {
    allowance -= data.length
    if (allowance <= 0) socket.pause()
  }
  socket.on('message', onMessage)
  const timer = setInterval(() => {
    allowance += bytesPerSecond / 100
    if (allowance > 0) socket.resume()
  }, 10)
  return () => {
    clearInterval(timer)
    socket.off('message', onMessage)
    socket.resume()
  }
}

test('50 readers that stopped cost little while 100 MB are published, are told, and a healthy one gets all', async () => {
  const broadcast = new Broadcast()
  const router = t.router({ live: t.procedure.subscription(() => broadcast.stream()) })
  const served = await serveRouter(router, bounds)
  const stalled = await Promise.all(Array.from({ length: 50 }, () => WirePeer.connect(served.url)))
  for (const peer of stalled) peer.send(subscription(1, 'live'))
  await broadcast.attached(50)
  for (const { socket } of stalled) socket.pause()
  const healthy = await WirePeer.connect(served.url)
  healthy.socket.removeAllListeners('message')
  const progress = { received: 0 }
  healthy.socket.on('message', () => progress.received++)
  healthy.send(subscription(1, 'live'))
  await broadcast.attached(51)

  collectGarbage()
  const before = process.memoryUsage.rss()
  let peak = 0
  const text = 'x'.repeat(10_000)
  for (let seq = 0; seq < 10_000; seq++) {
    broadcast.say({ seq, text }, `e.${seq}`)
    if (seq % 10 === 9) await turn()
    if (seq % 500 === 0) peak = Math.max(peak, process.memoryUsage.rss() - before)
    while (progress.received < seq - 100) await turn()
  }
  await expect.poll(() => progress.received).toBe(10_001)
  expect(peak / MIB).toBeLessThan(150)
  expect(broadcast.sinks.size).toBe(1)
  for (const peer of stalled) peer.socket.resume()
  await Promise.all(stalled.map((peer) => peer.until(() => peer.closed !== undefined)))
  expect(new Set(stalled.map((peer) => peer.closed?.code))).toEqual(new Set([1013]))
  expect(stalled.every((peer) => peer.errorsOf(null).length === 1)).toBe(true)
})

describe('a replay of 20 MB reaches a slow reader, slowly', () => {
  const EVENTS = 4_000
  const text = 'y'.repeat(5_000)
  let sent = 0

  const router = t.router({
    attached: t.procedure.subscription(() =>
      liveStream(async (sink) => {
        for (let seq = 0, hasRoom = false; seq < EVENTS && !sink.signal.aborted; sent = ++seq) {
          if (!hasRoom) await sink.drained()
          hasRoom = sink.send(new LiveEvent({ seq, text }, `e.${seq}`))
        }
      }, notIterated),
    ),
    generated: t.procedure.subscription(async function* () {
      for (let seq = 0; seq < EVENTS; sent = ++seq) yield { seq, text }
    }),
  })

  test.for(['attached', 'generated'])('%s', async (path) => {
    const served = await serveRouter(router, bounds)
    const peer = await WirePeer.connect(served.url)
    peer.socket.pause()
    sent = 0
    peer.send(subscription(1, path))
    await expect.poll(() => sent).toBeGreaterThan(100)
    const ahead = sent
    await expect.poll(() => sent, { interval: 100 }).toBe(sent)
    // What the kernels hold on loopback, and 256 KiB.
    expect(sent * text.length).toBeLessThan(14 * MIB)
    expect(onlyClient(served).bufferedAmount).toBeLessThan(MIB)
    slowDown(peer.socket, 20 * MIB)
    await peer.until(() => peer.texts.length === EVENTS + 2)
    expect(ahead).toBeLessThan(EVENTS)
    expect(peer.closed).toBeUndefined()
    expect(peer.messages.at(-1)?.result?.type).toBe('stopped')
  })

  test('and does not take its silence for death, as long as it reads', async () => {
    const keepAlive = { enabled: true, ping: 'control', pingMs: 500, pongWaitMs: 200 } as const
    const served = await serveRouter(router, { ...bounds, keepAlive })
    const peer = await WirePeer.connect(served.url, { autoPong: false })
    slowDown(peer.socket, 24 * MIB)
    const begun = performance.now()
    peer.send(subscription(1, 'attached'), subscription(2, 'attached'))
    await peer.until(() => peer.texts.length === 2 * (EVENTS + 2) || peer.closed !== undefined)
    expect(performance.now() - begun).toBeGreaterThan(1_000)
    expect(peer.texts).toHaveLength(2 * (EVENTS + 2))
    await peer.until(() => peer.closed !== undefined)
  })

  test('and 60 of them on one connection do not exceed its bound together', async () => {
    const part = 10
    const large = text.repeat(8)
    const replay = t.router({
      attached: t.procedure.subscription(() =>
        liveStream(async (sink) => {
          for (let each = 0, hasRoom = false; each < part; each++) {
            if (!hasRoom) await sink.drained()
            hasRoom = sink.send(new LiveEvent({ each, large }))
          }
        }, notIterated),
      ),
      generated: t.procedure.subscription(async function* () {
        for (let each = 0; each < part; each++) yield { each, large }
      }),
    })
    const served = await serveRouter(replay, bounds)
    const peer = await WirePeer.connect(served.url)
    slowDown(peer.socket, 20 * MIB)
    peer.send([...Array(60).keys()].map((id) => subscription(id, id % 2 === 0 ? 'attached' : 'generated')))
    await peer.until(() => peer.texts.length === 60 * (part + 2))
    expect(peer.closed).toBeUndefined()
    for (let id = 0; id < 60; id++) {
      const order = peer.of(id).flatMap(({ result }) => (result?.type === 'data' ? [result.data] : []))
      expect(order).toEqual([...Array(part).keys()].map((each) => ({ each, large })))
    }
  })
})

test('an answer larger than the bound is sent, and what happens meanwhile does not count against its reader', async () => {
  const broadcast = new Broadcast()
  const router = t.router({
    live: t.procedure.subscription(() => broadcast.stream()),
    history: t.procedure.query(() => 'z'.repeat(16 * MIB)),
  })
  const served = await serveRouter(router, bounds)
  const peer = await WirePeer.connect(served.url)
  peer.send(subscription(1, 'live'))
  await broadcast.attached(1)
  peer.socket.pause()
  peer.send(query(2, 'history'), query(3, 'history'))
  await expect.poll(() => onlyClient(served).bufferedAmount).toBeGreaterThan(MIB)
  for (let event = 0; event < 100; event++) broadcast.say('meanwhile')
  await turn()
  peer.socket.resume()
  await peer.until(() => peer.texts.length === 103)
  expect(peer.closed).toBeUndefined()
})

describe('who asks and does not read', () => {
  const router = t.router({ history: t.procedure.query(() => 'z'.repeat(MIB)) })
  const overLimit = (limit: ConnectionLimit) => new TRPCError({ code: 'TOO_MANY_REQUESTS', message: limit })

  /** Asks for far more than the kernels hold. */
  async function askAndStop(url: string, calls = 60): Promise<WirePeer> {
    const peer = await WirePeer.connect(url)
    peer.socket.pause()
    peer.send([...Array(calls).keys()].map((id) => query(id, 'history')))
    return peer
  }

  test('is told and closed after a while, though it goes on talking', async () => {
    const keepAlive = { enabled: true, ping: 'control', pingMs: 100, pongWaitMs: 100 } as const
    const served = await serveRouter(router, { ...bounds, overLimit, keepAlive, maxStallMs: 500 })
    const peer = await askAndStop(served.url)
    const client = onlyClient(served)
    const talk = setInterval(() => peer.send('PONG'), 20)
    const closing = once(client, 'closing')
    const begun = performance.now()
    await closing
    clearInterval(talk)
    expect(performance.now() - begun).toBeGreaterThan(400)
    peer.socket.resume()
    await peer.until(() => peer.closed !== undefined)
    expect(peer.closed?.code).toBe(1013)
    expect(peer.messages.at(-1)?.error?.message).toBe('queuedBytes')
  })

  test('is closed first where too much waits over all connections, and a slow reader is not', async () => {
    const served = await serveRouter(router, { ...bounds, overLimit, maxPendingResponseBytes: 80 * MIB })
    const slow = await askAndStop(served.url, 16)
    const greedy = await Promise.all([askAndStop(served.url), askAndStop(served.url)])
    await expect
      .poll(() => [...served.wss.clients].filter((client) => client.readyState === client.OPEN))
      .toHaveLength(2)
    for (const peer of [slow, ...greedy]) peer.socket.resume()
    await slow.until(() => slow.messages.length === 16)
    expect(slow.closed).toBeUndefined()
    await expect.poll(() => greedy.filter((peer) => peer.closed?.code === 1013)).toHaveLength(1)
    await expect.poll(() => greedy.filter((peer) => peer.messages.length === 60)).toHaveLength(1)
  })
})

describe('a half-open connection', () => {
  test.for(['message', 'control'] as const)('is found by a ping (%s) within the time for it', async (ping) => {
    const keepAlive = { enabled: true, ping, pingMs: 200, pongWaitMs: 100 }
    const served = await serveRouter(t.router({}), { keepAlive })
    const peer = await WirePeer.connect(served.url, { autoPong: false })
    const begun = performance.now()
    await peer.until(() => peer.closed !== undefined)
    expect(performance.now() - begun).toBeGreaterThan(250)
    expect(performance.now() - begun).toBeLessThan(600)
    expect(peer.texts).toEqual(ping === 'message' ? ['PING'] : [])
  })

  test('is found as well where its kernel is full', async () => {
    const broadcast = new Broadcast()
    const keepAlive = { enabled: true, ping: 'control', pingMs: 200, pongWaitMs: 100 } as const
    const served = await serveRouter(t.router({ live: t.procedure.subscription(() => broadcast.stream()) }), {
      keepAlive,
    })
    const peer = await WirePeer.connect(served.url)
    peer.send(subscription(1, 'live'))
    await broadcast.attached(1)
    peer.socket.pause()
    for (let event = 0; event < 300; event++) broadcast.say('x'.repeat(50_000))
    const begun = performance.now()
    await broadcast.attached(0)
    expect(performance.now() - begun).toBeLessThan(900)
  })

  test('is none where the peer answers, whichever way', async () => {
    const keepAlive = { enabled: true, ping: 'control', pingMs: 50, pongWaitMs: 50 } as const
    const served = await serveRouter(t.router({}), { keepAlive })
    const peer = await WirePeer.connect(served.url)
    let pings = 0
    peer.socket.on('ping', () => pings++)
    await expect.poll(() => pings).toBeGreaterThan(4)
    expect(peer.closed).toBeUndefined()
  })
})

test('a peer that connects and says nothing more than that is cut by its ping, before any message', async () => {
  const served = await serveRouter(t.router({}), {
    keepAlive: { enabled: true, ping: 'control', pingMs: 50, pongWaitMs: 50 },
    createContext: () => {
      throw new TRPCError({ code: 'UNAUTHORIZED' })
    },
  })
  const socket = connect(served.port, '127.0.0.1')
  socket.write(
    'GET /?connectionParams=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await expect.poll(() => served.wss.clients.size).toBe(1)
  await expect.poll(() => served.wss.clients.size).toBe(0)
  socket.destroy()
})
