import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keySlot } from '../../server/bus/key-slot.ts'
import { RedisBus } from '../../server/bus/redis-bus.ts'
import { RedisConnection } from '../../server/bus/redis-connection.ts'
import type { RedisLink } from '../../server/bus/redis-link.ts'
import { findRedis } from '../../server/bus/redis-servers.ts'
import { testBusContract } from '../contracts/bus-contract.ts'
import { startTestCluster, type TestCluster } from '../support/redis-cluster-for-tests.ts'
import { describeWithRedis, linkIs, startTestLink } from '../support/redis-for-tests.ts'

const BOUNDS = { connectMs: 1_000, signal: new AbortController().signal }
const silent = pino({ level: 'silent' })

/** Three masters, of whom the first has a replica: the last test is the end of the first. */
describeWithRedis('with a Redis Cluster', () => {
  let cluster: TestCluster
  const ends: (() => unknown)[] = []

  beforeAll(async () => {
    cluster = await startTestCluster()
    ends.push(() => cluster.end())
  }, 30_000)

  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })

  const startLink = async (): Promise<RedisLink> => {
    const link = await startTestLink(cluster.url)
    ends.push(() => link.stop())
    return link
  }

  /** A channel that the given master holds. */
  const channelAt = async (link: RedisLink, port: number): Promise<string> => {
    const { addresses, addressOf } = await findRedis(cluster.url, BOUNDS)
    expect(addresses).toContain(`redis://127.0.0.1:${port}`)
    for (;;) {
      const channel = randomUUID()
      if (addressOf(link.name(channel)).endsWith(`:${port}`)) return channel
    }
  }

  /** Two nodes, of whom one listens to a channel of this master, and nothing was said there yet. */
  const meetAt = async ({ port }: { port: number }) => {
    const [here, there] = [await startLink(), await startLink()]
    const channel = await channelAt(here, port)
    const heard = await hear(there, channel)
    return {
      slot: keySlot(here.name(channel)),
      bothAre: async (mode: 'up' | 'down') => void (await Promise.all([linkIs(here, mode), linkIs(there, mode)])),
      assertHeard: async () => {
        here.publish(channel, 'hello')
        expect(await heard.next()).toBe('hello')
      },
    }
  }

  testBusContract('over a Redis Cluster', async () => {
    const namespace = randomUUID()
    const links = [await startTestLink(cluster.url, namespace), await startTestLink(cluster.url, namespace)]
    const nodes = links.map((link) => new RedisBus(link, silent))
    return { nodes, close: async () => void (await Promise.all(nodes.map((bus) => bus.close()))) }
  })

  test('every name falls into the slot that Redis says', async () => {
    const names = ['123456789', '', '{', '}{', '{}', '{}a{b}', 'a{b}c', 'a{b', '{{b}}', 'smørrebrød{ø}', '🙂']
    const some = [...names, ...Array.from({ length: 200 }, () => randomUUID())]
    const { client } = cluster.masters[0]
    expect(some.map(keySlot)).toEqual(await Promise.all(some.map((name) => client.clusterKeySlot(name))))
  })

  test('nodes meet at every master, past addresses where nobody is', async () => {
    const found = await findRedis(cluster.url.replace('://', '://127.0.0.1:1,'), BOUNDS)
    const addresses = cluster.masters.map(({ url }) => url)
    expect(found.addresses).toEqual(addresses)
    for (const master of cluster.masters) await (await meetAt(master)).assertHeard()
  })

  test('nobody who answers is an error that says so', async () => {
    const unknown = findRedis('redis-cluster://127.0.0.1:1,127.0.0.1:2', BOUNDS)
    await expect(unknown).rejects.toThrow('No server of the Redis Cluster tells who serves each slot')
  })

  test('what begins where one server refuses leaves no connection to the others', async () => {
    const [{ url, client }] = cluster.masters
    const count = async () => (await client.clientList()).length
    const before = await count()
    const addresses = ['redis://127.0.0.1:1', url]
    const half = (name: string) => addresses[keySlot(name) % 2] ?? ''
    const redis = { addresses, addressOf: half, groupOf: keySlot, confirm: async () => undefined }
    for (let attempt = 0; attempt < 10; attempt++) {
      const connection = new RedisConnection(redis, 1_000, (n) => `echo:${n}`)
      await connection.open(() => undefined)
      expect(connection.ended.reason).toMatchObject({ code: 'ECONNREFUSED' })
    }
    await expect.poll(count, { timeout: 5_000 }).toBe(before)
  })

  test('one master that freezes is noticed within 2 s, and all is subscribed again when it thaws', async () => {
    const [first, , third] = cluster.masters
    const { bothAre, assertHeard } = await meetAt(first)
    const frozenAt = performance.now()
    third.freeze()
    await bothAre('down')
    expect(performance.now() - frozenAt).toBeLessThan(2_000)
    third.thaw()
    await bothAre('up')
    await assertHeard()
  }, 30_000)

  test('a slot that moves to another master takes its channels along', async () => {
    const [, from, to] = cluster.masters
    const { slot, bothAre, assertHeard } = await meetAt(from)
    const areDown = bothAre('down')
    for (const { client } of [to, from]) await client.clusterSetSlot(slot, 'NODE', to.id)
    await areDown
    await bothAre('up')
    await assertHeard()
  }, 30_000)

  test('after a master has died, nodes meet at the one that took its place', async () => {
    const [first] = cluster.masters
    const { bothAre, assertHeard } = await meetAt(first)
    const areDown = bothAre('down')
    await first.kill()
    await areDown
    await bothAre('up')
    await assertHeard()
  }, 30_000)
})

/** Listens; `next` resolves with the first text that comes in. */
async function hear(link: RedisLink, channel: string) {
  const { promise, resolve } = Promise.withResolvers<string>()
  await link.subscribe(channel, (text) => resolve(text))
  return { next: () => promise }
}
