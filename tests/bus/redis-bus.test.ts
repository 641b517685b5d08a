import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import type { Bus, BusMessage } from '../../server/bus/bus.ts'
import { encodeBusMessage } from '../../server/bus/bus-codec.ts'
import { RedisBus } from '../../server/bus/redis-bus.ts'
import { RedisLink } from '../../server/bus/redis-link.ts'
import { testBusContract } from '../contracts/bus-contract.ts'
import { connectToRedis, describeWithRedis, REDIS_URL, startTestRedis } from '../support/redis-for-tests.ts'

const SHARED = REDIS_URL ?? ''
const silent = pino({ level: 'silent' })
const marker = (roomId: string): BusMessage => ({ type: 'viewer.changed', roomId })

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function node(url: string, namespace: string, log = silent) {
  const link = new RedisLink(url, log)
  const bus = new RedisBus(link, log)
  ends.push(() => bus.close())
  await link.start(namespace)
  return { link, bus }
}

async function ownRedis() {
  const redis = await startTestRedis()
  ends.push(() => redis.kill())
  return redis
}

/** Resolves with how long it took until the bus is down, or up. */
async function until(bus: Bus, state: 'up' | 'down'): Promise<number> {
  const startedAt = performance.now()
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => {
    if (bus.isUp === (state === 'up')) resolve()
  }
  const unlisten = bus.onHealthChange(look)
  look()
  await promise
  unlisten()
  return performance.now() - startedAt
}

/** Listens; `first` resolves with the first message that comes in. */
async function listen(bus: Bus, channel: string) {
  const messages: BusMessage[] = []
  const { promise: first, resolve } = Promise.withResolvers<BusMessage>()
  const unsubscribe = await bus.subscribe(channel, (message) => {
    messages.push(message)
    resolve(message)
  })
  return { messages, first, unsubscribe }
}

describeWithRedis('the bus over Redis', () => {
  testBusContract('over Redis', async () => {
    const namespace = randomUUID()
    const nodes = [(await node(SHARED, namespace)).bus, (await node(SHARED, namespace)).bus]
    return { nodes, close: async () => void (await Promise.all(nodes.map((bus) => bus.close()))) }
  })

  test('a node subscribes to the channels alone that somebody listens to there', async () => {
    const namespace = randomUUID()
    const { link, bus } = await node(SHARED, namespace)
    const redis = await connectToRedis(SHARED)
    ends.push(() => redis.close())
    const subscribed = () => redis.pubSubShardChannels(link.name('room:*'))
    const [first, second] = [await listen(bus, 'room:one'), await listen(bus, 'room:one')]
    expect(await subscribed()).toEqual([link.name('room:one')])
    first.unsubscribe()
    expect(await subscribed()).toEqual([link.name('room:one')])
    second.unsubscribe()
    await listen(bus, 'room:two')
    expect(await subscribed()).toEqual([link.name('room:two')])
  })

  test('nodes of another namespace hear nothing', async () => {
    const [{ bus: mine }, { bus: other }] = [await node(SHARED, randomUUID()), await node(SHARED, randomUUID())]
    const [heard, overheard] = [await listen(mine, 'room:one'), await listen(other, 'room:one')]
    mine.publish('room:one', marker('mine'))
    other.publish('room:one', marker('other'))
    expect([await heard.first, await overheard.first]).toEqual([marker('mine'), marker('other')])
    expect([heard.messages.length, overheard.messages.length]).toEqual([1, 1])
  })

  test('what is no message is ignored, and said once', async () => {
    const lines: string[] = []
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString())
        done()
      },
    })
    const namespace = randomUUID()
    const { link, bus } = await node(SHARED, namespace, pino({ level: 'warn' }, sink))
    const heard = await listen(bus, 'room:one')
    const redis = await connectToRedis(SHARED)
    ends.push(() => redis.close())
    const valid = encodeBusMessage('another-node', marker('valid'))
    const nonsense = [
      '',
      'hello',
      '2 node',
      '2 node {}',
      '2 node [{"type":"user.changed"}]',
      '2 node [{"type":"unheard-of"},[]]',
      '2 node [{"type":"room.changed","epoch":"e","event":{"type":"message.created","seq":"5","prev":4}},[]]',
      '2 node [{"type":"user.changed"},[["__proto__","polluted"]]]',
      '2 node [{"type":"viewer.changed","roomId":"no date"},[["roomId"]]]',
      '\u0000\ufffd',
      valid.replace(/^2 /, '1 '),
      valid.slice(0, -1),
      '['.repeat(100_000),
    ]
    for (const text of nonsense) await redis.sPublish(link.name('room:one'), text)
    await redis.sPublish(link.name('room:one'), valid)
    expect(await heard.first).toEqual(marker('valid'))
    expect(heard.messages).toHaveLength(1)
    expect(lines).toHaveLength(1)
    expect({}).not.toHaveProperty('polluted')
  })
})

describeWithRedis('a Redis that fails', () => {
  test('by falling silent is noticed within 2 s; and when it speaks again, everything is subscribed again', async () => {
    const redis = await ownRedis()
    const [{ bus: here }, { bus: there }] = [await node(redis.url, 'test'), await node(redis.url, 'test')]
    const heard = await listen(there, 'room:one')
    redis.freeze()
    expect(await until(here, 'down')).toBeLessThan(2_000)
    await until(there, 'down')
    here.publish('room:one', marker('lost'))
    redis.thaw()
    await Promise.all([until(here, 'up'), until(there, 'up')])
    here.publish('room:one', marker('found'))
    expect(await heard.first).toEqual(marker('found'))
  })

  test('by ending is noticed at once; publishing keeps nothing for later, and subscribing does not wait', async () => {
    const redis = await ownRedis()
    const [{ bus: here }, { bus: there }] = [await node(redis.url, 'test'), await node(redis.url, 'test')]
    await redis.kill()
    await Promise.all([until(here, 'down'), until(there, 'down')])
    const [own, remote] = [await listen(here, 'room:one'), await listen(there, 'room:one')]
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 20_000; index++) here.publish('room:one', marker('x'.repeat(1_000)))
    expect(own.messages).toHaveLength(20_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20)
    await redis.start()
    await Promise.all([until(here, 'up'), until(there, 'up')])
    here.publish('room:one', marker('found'))
    expect(await remote.first).toEqual(marker('found'))
    expect(remote.messages).toHaveLength(1)
  })

  test('from the start does not keep a node from starting, which joins later', async () => {
    const redis = await ownRedis()
    await redis.kill()
    const [{ bus: here }, { bus: there }] = [await node(redis.url, 'test'), await node(redis.url, 'test')]
    expect(here.isUp).toBe(false)
    const heard = await listen(there, 'room:one')
    await redis.start()
    await Promise.all([until(here, 'up'), until(there, 'up')])
    here.publish('room:one', marker('found'))
    expect(await heard.first).toEqual(marker('found'))
  })

  test('by refusing one channel is down, and not silent on it', async () => {
    const redis = await ownRedis()
    const { bus } = await node(redis.url, 'test')
    const admin = await connectToRedis(redis.url)
    ends.push(() => admin.destroy())
    // It still hears itself.
    await admin.sendCommand(['ACL', 'SETUSER', 'default', 'resetchannels', '&confab:test:node:*'])
    await bus.subscribe('room:one', () => undefined)
    await until(bus, 'down')
    await admin.sendCommand(['ACL', 'SETUSER', 'default', 'allchannels'])
    await until(bus, 'up')
  })

  test('by not taking what is published bounds what waits for it', async () => {
    const redis = await ownRedis()
    const { bus } = await node(redis.url, 'test')
    redis.freeze()
    const before = process.memoryUsage()
    const text = 'x'.repeat(10_000)
    for (let index = 0; index < 20_000; index++) bus.publish('room:one', marker(text))
    const grown = process.memoryUsage().rss - before.rss
    // 200 MB were published; 16 MiB may wait, in a few copies.
    expect(grown).toBeLessThan(160 << 20)
    redis.thaw()
  })
})

describe('without REDIS_URL', () => {
  test.skipIf(REDIS_URL)(
    'what needs Redis does not run: set REDIS_URL and have redis-server in the PATH',
    () => undefined,
  )
})
