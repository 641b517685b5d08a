import { once } from 'node:events'
import { initTRPC, TRPCError } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import type { ConnectionLimit } from '../../server/transport/connection-bounds.ts'
import { onlyClient, serveRouter, t } from './served-router.ts'
import { query, stop, subscription, WirePeer } from './wire-peer.ts'

const anything = (value: unknown) => value
const overLimit = (limit: ConnectionLimit) => new TRPCError({ code: 'TOO_MANY_REQUESTS', message: limit })
const messagesOf = (peer: WirePeer) => peer.messages.flatMap(({ id, error }) => (error ? [[id, error.message]] : []))

/** A router whose calls and subscriptions last until they are told to end. */
function patientRouter() {
  const ending = Promise.withResolvers<string>()
  let running = 0
  const router = t.router({
    hello: t.procedure.input(anything).query(() => 'hello'),
    wait: t.procedure.query(async () => {
      running++
      return ending.promise
    }),
    listen: t.procedure.subscription(async function* ({ signal }) {
      running++
      const { promise, resolve } = Promise.withResolvers<void>()
      signal?.addEventListener('abort', () => resolve())
      try {
        yield 'begun'
        await promise
      } finally {
        running--
      }
    }),
  })
  return { router, running: () => running, end: () => ending.resolve('done') }
}

describe('what is too much is answered, call by call, and the connection lives', () => {
  test('calls at a time', async () => {
    const { router, running, end } = patientRouter()
    const { url } = await serveRouter(router, { maxCalls: 64, overLimit })
    const peer = await WirePeer.connect(url)
    for (let batch = 0; batch < 100; batch++) {
      peer.send([...Array(100).keys()].map((index) => query(batch * 100 + index, 'wait')))
    }
    await peer.until(() => peer.messages.length === 10_000 - 64)
    expect(running()).toBe(64)
    expect(new Set(messagesOf(peer).map(([, message]) => message))).toEqual(new Set(['calls']))
    end()
    await peer.until(() => peer.messages.length === 10_000)
    peer.send(query(-1, 'hello'))
    await peer.until(() => peer.of(-1).length === 1)
    expect(peer.of(-1)[0]?.result?.data).toBe('hello')
  })

  test('an id of more than 128 characters, which each event would repeat', async () => {
    const { router, running } = patientRouter()
    const { url } = await serveRouter(router)
    const peer = await WirePeer.connect(url)
    const [longest, tooLong] = ['i'.repeat(128), 'i'.repeat(129)]
    peer.send([
      { ...subscription(1, 'listen'), id: tooLong },
      { ...subscription(1, 'listen'), id: longest },
    ])
    await peer.until(() => peer.of(longest).length === 2)
    expect(peer.errorsOf(null)).toEqual(['PARSE_ERROR'])
    expect(peer.of(tooLong)).toEqual([])
    expect(running()).toBe(1)
  })

  test('subscriptions at a time, and an ended one makes room for another', async () => {
    const { router, running } = patientRouter()
    const { url } = await serveRouter(router, { maxSubscriptions: 64, overLimit })
    const peer = await WirePeer.connect(url)
    peer.send([...Array(5_000).keys()].map((id) => subscription(id, 'listen')))
    await peer.until(() => peer.messages.length === 5_000 + 64)
    expect(running()).toBe(64)
    expect(messagesOf(peer)).toHaveLength(5_000 - 64)
    peer.send(stop(0))
    await peer.until(() => peer.of(0).at(-1)?.result?.type === 'stopped')
    peer.send(subscription(9_999, 'listen'))
    await peer.until(() => peer.of(9_999).length === 2)
    expect(running()).toBe(64)
  })

  test('bytes of a call, before its input is looked at', async () => {
    let deserialized = 0
    const transformer = {
      serialize: (value: unknown) => value,
      deserialize: (value: unknown) => {
        deserialized++
        return value
      },
    }
    const transforming = initTRPC.create({ isDev: false, transformer })
    const router = transforming.router({ hello: transforming.procedure.input(anything).query(() => 'hello') })
    const { url } = await serveRouter(router, { maxCallBytes: 1_000, overLimit })
    const peer = await WirePeer.connect(url)
    const giant = 'ä'.repeat(490)
    peer.send(query(1, 'hello', giant), [query(2, 'hello'), query(3, 'hello', giant), query(4, 'hello')])
    await peer.until(() => peer.messages.length === 4)
    expect(messagesOf(peer)).toEqual([
      [1, 'callBytes'],
      [3, 'callBytes'],
    ])
    expect(deserialized).toBe(2)
  })

  test('calls in a batch: each is told, with one error for all', async () => {
    const { router } = patientRouter()
    let made = 0
    const counted = (limit: ConnectionLimit) => {
      made++
      return overLimit(limit)
    }
    const { url } = await serveRouter(router, { maxBatchSize: 128, overLimit: counted })
    const peer = await WirePeer.connect(url)
    peer.send([...Array(1_000).keys()].map((id) => query(id, 'hello')))
    await peer.until(() => peer.messages.length === 1_000)
    expect(new Set(messagesOf(peer).map(([, message]) => message))).toEqual(new Set(['batchSize']))
    expect(new Set(messagesOf(peer).map(([id]) => id)).size).toBe(1_000)
    expect(made).toBe(1)
    peer.send([...Array(128).keys()].map((id) => query(id, 'hello')))
    await peer.until(() => peer.messages.length === 1_128)
    expect(messagesOf(peer)).toHaveLength(1_000)
  })

  test('values in a call, and levels, before its input is looked at', async () => {
    const { router } = patientRouter()
    const { url } = await serveRouter(router, { maxCallValues: 100, maxCallDepth: 10, overLimit })
    const peer = await WirePeer.connect(url)
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    peer.send(query(1, 'hello', Array(99).fill(0)), query(2, 'hello', Array(50).fill(0)))
    peer.send(
      `[{"id":3,"method":"query","params":{"path":"hello","input":${deep}}},${JSON.stringify(query(4, 'hello'))}]`,
    )
    await peer.until(() => peer.messages.length === 4)
    expect(messagesOf(peer)).toEqual([
      [1, 'callValues'],
      [3, 'callValues'],
    ])
  })
})

test('a batch of more calls than anybody means is refused with its connection, in one error', async () => {
  const { router } = patientRouter()
  const { url } = await serveRouter(router, { maxBatchSize: 128, overLimit })
  const peer = await WirePeer.connect(url)
  peer.send([...Array(20_000).keys()].map((id) => query(id, 'hello')))
  await peer.until(() => peer.closed !== undefined)
  expect([messagesOf(peer), peer.closed?.code]).toEqual([[[null, 'batchSize']], 1009])
})

describe('frames', () => {
  test('that are too large are answered before the close, also those that ws does not read', async () => {
    const { router } = patientRouter()
    const served = await serveRouter(router, { maxFrameBytes: 10_000, overLimit })
    served.wss.options.maxPayload = 20_000
    for (const bytes of [10_001, 20_001, 5_000_000]) {
      const peer = await WirePeer.connect(served.url)
      peer.send('x'.repeat(bytes))
      await peer.until(() => peer.closed !== undefined)
      expect([messagesOf(peer), peer.closed?.code]).toEqual([[[null, 'frameBytes']], 1009])
    }
  })

  test('that are malformed are answered before the close', async () => {
    const { router } = patientRouter()
    const served = await serveRouter(router)
    const peer = await WirePeer.connect(served.url)
    peer.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    await peer.until(() => peer.closed !== undefined)
    expect([peer.errorsOf(null), peer.closed?.code]).toEqual([['BAD_REQUEST'], 1007])
  })

  test.for([
    ['PING', 'PING'],
    ['calls', JSON.stringify(query(1, 'hello'))],
    ['garbage', '{'],
  ] as const)('in a flood are paid for before more is read, and none is lost: %s', async ([, text]) => {
    const { router } = patientRouter()
    const served = await serveRouter(router, { frameRate: { perSecond: 2_000, burst: 100 } })
    const peer = await WirePeer.connect(served.url)
    const client = onlyClient(served)
    const bystander = await WirePeer.connect(served.url)
    const begun = performance.now()
    for (let sent = 0; sent < 1_100; sent++) peer.send(text)
    await expect.poll(() => client.isPaused).toBe(true)
    peer.send(query(2, 'hello'))
    await bystander.settled()
    expect(performance.now() - begun).toBeLessThan(300)
    await peer.until(() => peer.of(2).length === 1)
    // What is read at once, at most 64 KiB, is taken on credit: the last of the flood with the query, maybe, but not the first with it.
    expect(performance.now() - begun).toBeGreaterThan(300)
    expect(peer.texts).toHaveLength(1_101)
  })

  test('of control count as well', async () => {
    const { router } = patientRouter()
    const served = await serveRouter(router, { frameRate: { perSecond: 100, burst: 10 } })
    const peer = await WirePeer.connect(served.url)
    const client = onlyClient(served)
    for (let sent = 0; sent < 30; sent++) peer.socket.ping()
    await expect.poll(() => client.isPaused).toBe(true)
    await expect.poll(() => client.isPaused).toBe(false)
    await peer.settled()
  })
})

test('a peer that only sends and never reads is closed at the bound of its queue', async () => {
  const { router } = patientRouter()
  const served = await serveRouter(router, { maxQueuedBytes: 100_000, maxCalls: 64, overLimit })
  const peer = await WirePeer.connect(served.url)
  const client = onlyClient(served)
  peer.socket.pause()
  const gone = once(client, 'close')
  const flood = JSON.stringify([...Array(5_000).keys()].map((id) => query(id, 'no.such.procedure'.repeat(20))))
  while (client.readyState === client.OPEN) {
    peer.socket.send(flood)
    await new Promise((resolve) => setImmediate(resolve))
  }
  peer.socket.resume()
  await gone
  expect(peer.of(null).at(-1)?.error?.message).toBe('queuedBytes')
  expect(peer.closed?.code).toBe(1013)
})
