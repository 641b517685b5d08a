import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { assertMaster, redisAddress } from '../../server/bus/redis-address.ts'
import { RedisLink } from '../../server/bus/redis-link.ts'
import { connectToRedis, describeWithRedis, startTestRedis, startTestSentinel } from '../support/redis-for-tests.ts'

const CONNECT_MS = 1_000

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** A master, its replica, and a Sentinel that knows of both. */
async function watched() {
  const [master, replica] = [await startTestRedis(), await startTestRedis()]
  ends.push(
    () => master.kill(),
    () => replica.kill(),
  )
  const client = await connectToRedis(replica.url)
  ends.push(() => client.destroy())
  await client.sendCommand(['REPLICAOF', '127.0.0.1', `${master.port}`])
  const sentinel = await startTestSentinel(master)
  ends.push(() => sentinel.kill())
  const asked = await connectToRedis(sentinel.url.replace('redis-sentinel:', 'redis:').replace('#chat', ''))
  ends.push(() => asked.destroy())
  // It hears of replicas from the master, now and then.
  for (;;) {
    const replicas: unknown = await asked.sendCommand(['SENTINEL', 'replicas', 'chat'])
    const flags = JSON.stringify(replicas)
    if (flags.includes(`${replica.port}`) && !flags.includes('disconnected') && flags.includes('"ok"')) break
  }
  return { master, replica, sentinel }
}

async function linkTo(url: string): Promise<RedisLink> {
  const link = new RedisLink(url, pino({ level: 'silent' }), { probeMs: 100 })
  ends.push(() => link.stop())
  await link.start('sentinel-test')
  return link
}

const up = async (link: RedisLink) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const unlisten = link.onHealthChange(() => {
    if (!link.isDown) resolve()
  })
  if (!link.isDown) resolve()
  await promise
  unlisten()
}

describeWithRedis('with Sentinels', () => {
  test('the master is found past one that does not answer, with the login and the database of the URL', async () => {
    const { master, sentinel } = await watched()
    const known = sentinel.url.slice('redis-sentinel://'.length, -'#chat'.length)
    const address = await redisAddress(`redis-sentinel://:secret@127.0.0.1:1,${known}/3#chat`, CONNECT_MS)
    expect(address).toBe(`redis://:secret@127.0.0.1:${master.port}/3`)
    await expect(redisAddress(`redis-sentinel://${known}#other`, CONNECT_MS)).rejects.toThrow(
      'No Sentinel knows where the master other is',
    )
    await expect(redisAddress('redis-sentinel://127.0.0.1:1#chat', CONNECT_MS)).rejects.toThrow('No Sentinel knows')
    expect(await redisAddress('redis://127.0.0.1:1', CONNECT_MS)).toBe('redis://127.0.0.1:1')
  })

  test('a replica is not taken for the master', async () => {
    const { master, replica } = await watched()
    const [first, second] = [await connectToRedis(master.url), await connectToRedis(replica.url)]
    ends.push(
      () => first.destroy(),
      () => second.destroy(),
    )
    await assertMaster(first)
    await expect(assertMaster(second)).rejects.toThrow('Redis is a slave there, not the master')
  })

  test('after the master has died, nodes meet at the one that took its place', async () => {
    const { master, sentinel } = await watched()
    const [here, there] = [await linkTo(sentinel.url), await linkTo(sentinel.url)]
    await Promise.all([up(here), up(there)])
    const heard: string[] = []
    const { promise: isHeard, resolve } = Promise.withResolvers<void>()
    await there.subscribe('room', (text) => {
      heard.push(text)
      if (text === 'after') resolve()
    })
    here.publish('room', 'before')
    while (!heard.includes('before')) await new Promise(setImmediate)

    await master.kill()
    while (!here.isDown || !there.isDown) await new Promise(setImmediate)
    await Promise.all([up(here), up(there)])
    here.publish('room', 'after')
    await isHeard
    expect(heard).toEqual(['before', 'after'])
  }, 30_000)
})
