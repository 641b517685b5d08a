import { afterAll, beforeAll, expect, test } from 'vitest'
import { findRedis } from '../../server/bus/redis-servers.ts'
import {
  connectToRedis,
  describeWithRedis,
  linkIs,
  startTestLink,
  startTestRedis,
  startTestSentinel,
  type TestRedis,
  type TestSentinel,
} from '../support/redis-for-tests.ts'

const CONNECT_MS = 1_000
const BOUNDS = { connectMs: CONNECT_MS, signal: new AbortController().signal }

/** One master, its replica, and a Sentinel that knows of both: the last test is the end of the master. */
describeWithRedis('with Sentinels', () => {
  let master: TestRedis
  let replica: TestRedis
  let sentinel: TestSentinel
  const ends: (() => unknown)[] = []

  const connect = async (url: string) => {
    const client = await connectToRedis(url)
    ends.push(() => client.destroy())
    return client
  }
  const hostOf = ({ url }: TestSentinel) => url.slice('redis-sentinel://'.length, -'#chat'.length)
  const start = async (): Promise<TestSentinel> => {
    const started = await startTestSentinel(master)
    ends.push(() => started.kill())
    return started
  }

  beforeAll(async () => {
    master = await startTestRedis()
    replica = await startTestRedis()
    ends.push(
      () => master.kill(),
      () => replica.kill(),
    )
    await (await connect(replica.url)).sendCommand(['REPLICAOF', '127.0.0.1', `${master.port}`])
    sentinel = await start()
    const asked = await connect(`redis://${hostOf(sentinel)}`)
    // It hears of replicas from the master, now and then.
    for (;;) {
      const replicas = JSON.stringify(await asked.sendCommand(['SENTINEL', 'replicas', 'chat']))
      if (replicas.includes(`${replica.port}`) && !replicas.includes('disconnected') && replicas.includes('"ok"')) break
    }
  }, 30_000)

  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })

  test('the master is found past one that is not there, with the login and the database of the URL', async () => {
    const found = await findRedis(`redis-sentinel://:secret@127.0.0.1:1,${hostOf(sentinel)}/3#chat`, BOUNDS)
    expect(found.addresses).toEqual([`redis://:secret@127.0.0.1:${master.port}/3`])
  })

  test('one that is frozen does not hold up the next', async () => {
    const frozen = await start()
    frozen.freeze()
    const askedAt = performance.now()
    const found = await findRedis(`redis-sentinel://${hostOf(frozen)},${hostOf(sentinel)}#chat`, BOUNDS)
    expect(found.addresses).toEqual([`redis://127.0.0.1:${master.port}`])
    expect(performance.now() - askedAt).toBeLessThan(3 * CONNECT_MS)
    frozen.thaw()
  })

  test('that do not know, or are not there, are an error that says so', async () => {
    const unknown = findRedis(`redis-sentinel://${hostOf(sentinel)}#other`, BOUNDS)
    await expect(unknown).rejects.toThrow('No Sentinel knows the address of the master other')
    await expect(findRedis('redis-sentinel://127.0.0.1:1#chat', BOUNDS)).rejects.toThrow('No Sentinel knows')
  })

  test('a replica is not taken for the master', async () => {
    const found = await findRedis(sentinel.url, BOUNDS)
    await found.confirm(await connect(master.url))
    await expect(found.confirm(await connect(replica.url))).rejects.toThrow(
      'Redis at this address is a slave, not the master',
    )
  })

  test('after the master has died, nodes meet at the one that took its place', async () => {
    const [here, there] = [await startTestLink(sentinel.url), await startTestLink(sentinel.url)]
    ends.push(
      () => here.stop(),
      () => there.stop(),
    )
    const heard: string[] = []
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    await there.subscribe('room', (text) => {
      heard.push(text)
      if (text === 'before') first.resolve()
      else second.resolve()
    })
    here.publish('room', 'before')
    await first.promise

    const areDown = Promise.all([linkIs(here, 'down'), linkIs(there, 'down')])
    await master.kill()
    await areDown
    await Promise.all([linkIs(here, 'up'), linkIs(there, 'up')])
    here.publish('room', 'after')
    await second.promise
    expect(heard).toEqual(['before', 'after'])
  }, 30_000)
})
