import { EventEmitter, on, once } from 'node:events'
import { connect } from 'node:net'
import { tracked } from '@trpc/server'
import { observable } from '@trpc/server/observable'
import { describe, expect, test, vi } from 'vitest'
import { LiveEvent, type LiveSink, liveStream } from '../../server/transport/live-stream.ts'
import { Broadcast } from './broadcast.ts'
import { onlyClient, serveRouter, t } from './served-router.ts'
import { mutation, query, stop, subscription, WirePeer } from './wire-peer.ts'

const never = new Promise<never>(() => undefined)
const anything = (value: unknown) => value
const notIterated = () => {
  throw new Error('Iterated, not attached')
}

describe('a live stream', () => {
  test('serializes an event once, whoever gets it, and each gets it under an id of its own', async () => {
    const broadcast = new Broadcast()
    const { url } = await serveRouter(t.router({ live: t.procedure.subscription(() => broadcast.stream()) }))
    const peers = await Promise.all(Array.from({ length: 20 }, () => WirePeer.connect(url)))
    for (const [index, peer] of peers.entries()) peer.send(subscription(index + 1, 'live'))
    await broadcast.attached(20)
    let serialized = 0
    const data = { toJSON: () => ({ text: 'Grüße, 你好, 🎉', serialized: ++serialized }) }
    broadcast.say(data, 'e.1')

    for (const [index, peer] of peers.entries()) {
      const id = index + 1
      await peer.until(() => peer.of(id).length === 2)
      expect(peer.messages).toEqual([
        { id, result: { type: 'started' } },
        {
          id,
          result: { type: 'data', data: { id: 'e.1', data: { text: 'Grüße, 你好, 🎉', serialized: 1 } }, id: 'e.1' },
        },
      ])
    }
    expect(serialized).toBe(1)
  })

  test('ends with `stopped` when it is stopped, when it is complete, and after its error when it fails', async () => {
    const broadcast = new Broadcast()
    const router = t.router({
      live: t.procedure.subscription(() => broadcast.stream()),
      complete: t.procedure.subscription(() =>
        liveStream(async (sink) => void sink.send(new LiveEvent(1)), notIterated),
      ),
      failing: t.procedure.subscription(() =>
        liveStream(async (sink) => {
          sink.send(new LiveEvent(1))
          throw new Error('It broke')
        }, notIterated),
      ),
    })
    const { url } = await serveRouter(router)
    const peer = await WirePeer.connect(url)
    peer.send(subscription(1, 'live'), subscription(2, 'complete'), subscription(3, 'failing'))
    await broadcast.attached(1)
    peer.send(stop(1))
    await broadcast.attached(0)
    broadcast.say('too late')
    await peer.settled()
    expect(peer.of(1).map(({ result }) => result)).toEqual([{ type: 'started' }, { type: 'stopped' }])
    expect(peer.of(2).map(({ result }) => result?.type)).toEqual(['started', 'data', 'stopped'])
    expect(peer.of(3).map(({ result, error }) => result?.type ?? error?.message)).toEqual([
      'started',
      'data',
      'It broke',
      'stopped',
    ])
    peer.send(subscription(1, 'live'))
    await broadcast.attached(1)
    expect(peer.errorsOf(1)).toEqual([])
  })

  test('that ignores its signal is heard no more', async () => {
    const sinks: LiveSink<unknown>[] = []
    const deaf = () =>
      liveStream(async (sink) => {
        sinks.push(sink)
        await never
      }, notIterated)
    const { url } = await serveRouter(t.router({ deaf: t.procedure.subscription(deaf) }))
    const peer = await WirePeer.connect(url)
    peer.send(subscription(1, 'deaf'))
    await peer.until(() => peer.of(1).length === 1)
    peer.send(stop(1))
    await peer.until(() => peer.of(1).length === 2)
    expect(sinks[0]?.send(new LiveEvent('too late'))).toBe(false)
    await sinks[0]?.drained()
    await peer.settled()
    expect(peer.of(1).map(({ result }) => result?.type)).toEqual(['started', 'stopped'])
  })

  test('ends for those who get an event that can’t be serialized, and the others are served on', async () => {
    const broken = new Broadcast()
    const whole = new Broadcast()
    const router = t.router({
      broken: t.procedure.subscription(() => broken.stream()),
      whole: t.procedure.subscription(() => whole.stream()),
    })
    const { url } = await serveRouter(router)
    const peer = await WirePeer.connect(url)
    peer.send(subscription(1, 'broken'), subscription(2, 'whole'))
    await Promise.all([broken.attached(1), whole.attached(1)])
    broken.say(1n)
    whole.say('fine')
    await peer.settled()
    expect(peer.errorsOf(1)).toEqual(['INTERNAL_SERVER_ERROR'])
    expect(peer.of(2).at(-1)?.result?.data).toBe('fine')
    await broken.attached(0)
  })

  test('is put together by another encoder as well', async () => {
    const broadcast = new Broadcast()
    const encoder = {
      encode: (message: unknown) => new TextEncoder().encode(`{"packed":${JSON.stringify(message)}}`),
      decode: (frame: string | ArrayBuffer | Uint8Array): unknown =>
        JSON.parse(typeof frame === 'string' ? frame : new TextDecoder().decode(frame)),
    }
    const router = t.router({ live: t.procedure.subscription(() => broadcast.stream()) })
    const { url } = await serveRouter(router, { experimental_encoder: encoder })
    const peer = await WirePeer.connect(url)
    const kinds: boolean[] = []
    peer.socket.on('message', (_data, isBinary) => kinds.push(isBinary))
    peer.send(subscription(1, 'live'))
    await broadcast.attached(1)
    broadcast.say({ text: '🎉' }, 'e.1')
    await peer.until(() => peer.texts.length === 2)
    expect(kinds).toEqual([true, true])
    const packed = { id: 1, result: { type: 'data', data: { id: 'e.1', data: { text: '🎉' } }, id: 'e.1' } }
    expect(JSON.parse(peer.texts[1] ?? '')).toEqual({ packed })
  })
})

test('what happens in a turn leaves in its order, answers and live events alike, in one write', async () => {
  const broadcast = new Broadcast()
  const router = t.router({
    live: t.procedure.subscription(() => broadcast.stream()),
    say: t.procedure.input(anything).mutation(({ input }) => {
      broadcast.say('before the answer')
      return input
    }),
  })
  const served = await serveRouter(router)
  const peer = await WirePeer.connect(served.url)
  peer.send(subscription(1, 'live'))
  await broadcast.attached(1)
  await peer.settled()
  const before = peer.texts.length
  const [socket = expect.fail('Nobody is connected')] = served.sockets
  const write = vi.spyOn(socket, 'write')
  peer.send([mutation(2, 'say', 'a'), mutation(3, 'say', 'b')])
  await peer.until(() => peer.texts.length === before + 4)
  expect(write).toHaveBeenCalledTimes(1)
  const said = peer.messages.slice(-4).map(({ id, result }) => [id, result?.data])
  expect(said).toEqual([
    [1, 'before the answer'],
    [1, 'before the answer'],
    [2, 'a'],
    [3, 'b'],
  ])
})

test('a bad call of a batch answers for itself alone', async () => {
  const router = t.router({ hello: t.procedure.query(() => 'hello') })
  const { url } = await serveRouter(router)
  const peer = await WirePeer.connect(url)
  const bad = [{ id: 2, method: 'nonsense' }, { id: 3, method: 'query', params: 'none' }, null, { id: {} }]
  peer.send([query(1, 'hello'), ...bad, query(4, 'no.such'), query(5, 'hello')])
  await peer.until(() => peer.messages.length === 7)
  expect(peer.of(1)[0]?.result?.data).toBe('hello')
  expect(peer.of(5)[0]?.result?.data).toBe('hello')
  expect([2, 3, 4].map((id) => peer.errorsOf(id))).toEqual([['PARSE_ERROR'], ['PARSE_ERROR'], ['NOT_FOUND']])
  expect(peer.errorsOf(null)).toEqual(['PARSE_ERROR', 'PARSE_ERROR'])
})

test('no header and no frame of a peer ends the process, within `prefix` or outside it', async () => {
  const router = t.router({ hello: t.procedure.query(() => 'hello') })
  const served = await serveRouter(router, { prefix: '/trpc' })
  const head = (path: string, host: string) =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  for (const [path, host] of [
    ['/trpc', '['],
    ['/trpc?connectionParams=1', '['],
    ['//', 'a'],
    ['/elsewhere', 'a'],
  ] as const) {
    const socket = connect(served.port, '127.0.0.1')
    socket.write(head(path, host))
    await once(socket, 'data')
    // All reserved bits set, which no peer may do.
    socket.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]))
    await once(socket.resume(), 'close')
  }
  const peer = await WirePeer.connect(`${served.url}trpc`)
  peer.send(query(1, 'hello'))
  await peer.until(() => peer.of(1).length === 1)
})

describe('a generator', () => {
  test('that ignores its signal does not keep its id, nor its connection', async () => {
    let returned = 0
    const stuck = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => never,
        return: () => {
          returned++
          return never
        },
      }),
    })
    const served = await serveRouter(t.router({ stuck: t.procedure.subscription(stuck) }))
    const peer = await WirePeer.connect(served.url)
    peer.send(subscription(1, 'stuck'))
    await peer.until(() => peer.of(1).length === 1)
    peer.send(stop(1))
    await peer.until(() => peer.of(1).at(-1)?.result?.type === 'stopped')
    expect(returned).toBe(1)
    peer.send(subscription(1, 'stuck'))
    await peer.until(() => peer.of(1).length === 3)
    peer.socket.terminate()
    await once(onlyClient(served), 'close')
    await expect.poll(() => returned).toBe(2)
  })

  test('is cleaned up before it is said to be stopped, and a failing clean-up is the server’s own', async () => {
    const order: string[] = []
    const router = t.router({
      ticks: t.procedure.subscription(async function* ({ signal }) {
        try {
          yield 1
          await once(new EventEmitter(), 'never', { signal })
        } finally {
          order.push('cleaned up')
          // oxlint-disable-next-line no-unsafe-finally
          throw new Error('The clean-up failed')
        }
      }),
    })
    const { url } = await serveRouter(router, { onError: ({ error }) => order.push(error.message) })
    const peer = await WirePeer.connect(url)
    peer.send(subscription(1, 'ticks'))
    await peer.until(() => peer.of(1).length === 2)
    peer.send(stop(1))
    await peer.until(() => peer.of(1).at(-1)?.result?.type === 'stopped')
    expect(order).toEqual(['cleaned up', 'The clean-up failed'])
    expect(peer.errorsOf(1)).toEqual([])
  })

  test('stops when its connection is gone', async () => {
    const events = new EventEmitter()
    const router = t.router({
      ticks: t.procedure.subscription(async function* ({ signal }) {
        for await (const [value] of on(events, 'tick', { signal })) yield value
      }),
    })
    const { url } = await serveRouter(router)
    const peer = await WirePeer.connect(url)
    peer.send(subscription(1, 'ticks'), subscription(2, 'ticks'))
    await peer.until(() => peer.messages.length === 2)
    expect(events.listenerCount('tick')).toBe(2)
    peer.socket.terminate()
    await expect.poll(() => events.listenerCount('tick')).toBe(0)
  })
})

test('an observable is told when it is over, and what it emits at once follows `started`', async () => {
  let torn = 0
  const router = t.router({
    now: t.procedure.subscription(() =>
      observable<string>((emit) => {
        emit.next('first')
        return () => torn++
      }),
    ),
    done: t.procedure.subscription(() =>
      observable<string>((emit) => {
        emit.next('only')
        emit.complete()
      }),
    ),
  })
  const { url } = await serveRouter(router)
  const peer = await WirePeer.connect(url)
  peer.send(subscription(1, 'now'), subscription(2, 'done'))
  await peer.until(() => peer.messages.length === 5)
  expect(peer.of(1).map(({ result }) => result?.data ?? result?.type)).toEqual(['started', 'first'])
  expect(peer.of(2).map(({ result }) => result?.data ?? result?.type)).toEqual(['started', 'only', 'stopped'])
  peer.send(stop(1))
  await peer.until(() => peer.of(1).length === 3)
  expect(torn).toBe(1)
})

test('a position is part of an input that can hold it', async () => {
  const inputs: unknown[] = []
  const router = t.router({
    resume: t.procedure.input(anything).subscription(async function* ({ input }) {
      inputs.push(input)
      yield tracked('e.2', 'next')
    }),
  })
  const { url } = await serveRouter(router)
  const peer = await WirePeer.connect(url)
  const from = (id: number, input: unknown) => ({
    id,
    method: 'subscription',
    params: { path: 'resume', input, lastEventId: 'e.1' },
  })
  peer.send([from(1, undefined), from(2, { room: 'a', lastEventId: 'e.0' }), from(3, null), from(4, 'text')])
  await peer.until(() => peer.messages.length === 12)
  const at = { lastEventId: 'e.1' }
  expect(inputs).toEqual([at, { room: 'a', ...at }, at, 'text'])
})
