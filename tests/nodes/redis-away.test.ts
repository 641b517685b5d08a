import { Client } from 'pg'
import { afterEach, expect, test } from 'vitest'
import type { Tuning } from '../../server/tuning.ts'
import type { Presence } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { describeWithRedis, startTestRedis } from '../support/redis-for-tests.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { newId } from '../support/test-app.ts'
import { startTestNodes, startTwoNodes, type TestNode } from '../support/test-nodes.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function world(tuning: Partial<Tuning> = {}) {
  const redis = await startTestRedis()
  ends.push(() => redis.kill())
  const nodes = await startTwoNodes(redis.url, { tuning })
  ends.push(() => nodes[Symbol.asyncDispose]())
  return { redis, here: nodes.here, there: nodes.there, databaseUrl: nodes.databaseUrl }
}

async function room(node: TestNode, ...others: string[]): Promise<string> {
  for (const userId of ['ada', ...others]) await node.caller(userId).auth.me()
  return (await node.caller('ada').room.create({ kind: 'group', name: 'Engine room', memberIds: others })).id
}

const say = (node: TestNode, roomId: string, content: string) =>
  node.caller('ada').message.send({ roomId, clientId: newId(), content })

async function degraded(node: TestNode): Promise<[number, unknown]> {
  const answer = await fetch(new URL('/readyz', node.url))
  return [answer.status, await answer.json()]
}

describeWithRedis('with Redis away', () => {
  test.each(['killed', 'frozen'] as const)(
    '(%s), messages arrive by the poll, calls are answered as fast, and nodes say that they are degraded',
    async (fault) => {
      const { redis, here, there } = await world()
      const roomId = await room(here, 'ben')
      const log = await new EventLog(await there.connect('ben'), roomId).until(({ events }) => events.length > 0)
      await say(here, roomId, 'before')
      await log.until(({ contents }) => contents.length === 1)

      const startedAt = performance.now()
      if (fault === 'killed') await redis.kill()
      else redis.freeze()
      await say(here, roomId, 'while nobody knows')
      expect(performance.now() - startedAt).toBeLessThan(1_000)
      await log.until(({ contents }) => contents.length === 2)
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      while (
        JSON.stringify(await degraded(here)) !== JSON.stringify([200, { status: 'degraded', degraded: ['redis'] }])
      );
      const saidAt = performance.now()
      await say(here, roomId, 'while it is known')
      await log.until(({ contents }) => contents.length === 3)
      expect(performance.now() - saidAt).toBeLessThan(1_500)

      if (fault === 'killed') await redis.start()
      else redis.thaw()
      while (JSON.stringify(await degraded(here)) !== JSON.stringify([200, { status: 'ok', degraded: [] }]));
      await say(here, roomId, 'after')
      await log.until(({ contents }) => contents.length === 4)
      expect(log.contents).toEqual(['before', 'while nobody knows', 'while it is known', 'after'])
      expect(gaps(log.events)).toEqual([])
    },
  )

  test('who was removed or revoked on another node is gone within 5 s', async () => {
    const { redis, here, there } = await world()
    const roomId = await room(here, 'ben', 'cleo')
    const [ofBen, ofCleo] = [
      new EventLog(await there.connect('ben'), roomId),
      new EventLog(await there.connect('cleo'), roomId),
    ]
    await Promise.all([ofBen, ofCleo].map((log) => log.until(({ events }) => events.length > 0)))
    await redis.kill()
    const startedAt = performance.now()
    await here.caller('ada').member.remove({ roomId, userId: 'ben' })
    await here.caller('cleo').auth.revokeAll()
    await Promise.all([ofBen, ofCleo].map((log) => log.until(({ failure }) => failure !== undefined)))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(ofBen.failure).toMatchObject({ data: { reason: 'NOT_A_MEMBER' } })
    expect(ofCleo.failure).toMatchObject({ data: { reason: 'TOKEN_REVOKED' } })
  })

  test('presence of other nodes is held for two leases, and is there again once Redis is, which comes back empty', async () => {
    const leaseMs = 1_500
    const { redis, here, there } = await world({ presenceLeaseMs: leaseMs })
    const [ada, ben] = [await here.connect('ada'), await there.connect('ben')]
    await ada.auth.me.query()
    await ben.presence.set.mutate({ status: 'busy' })
    const changes = ada.presence.onChange.subscribe({ userIds: ['ben', 'ada'] })
    const until = async (status: Presence['status']) => {
      while (true) {
        const value: Presence[] | undefined = (await changes.next()).value
        const found = value?.find(({ userId }) => userId === 'ben')
        if (found?.status === status) return
        expect(value?.find(({ userId }) => userId === 'ada')?.status ?? 'online').toBe('online')
      }
    }
    await until('busy')
    const startedAt = performance.now()
    await redis.kill()
    await until('offline')
    expect(performance.now() - startedAt).toBeGreaterThan(leaseMs)
    await redis.start()
    await until('busy')
    // A short absence is none: nothing is told of it, and the next thing that is said is what was chosen.
    await redis.kill()
    await redis.start()
    await ben.presence.set.mutate({ status: 'away' })
    await until('away')
    await changes.return?.()
  })
})

describeWithRedis('a node that is lost', () => {
  test('leaves no ghosts: who was connected there is offline after a lease and a third', async () => {
    const redis = await startTestRedis()
    ends.push(() => redis.kill())
    const proxy = await startTcpProxy({ port: redis.port })
    ends.push(() => proxy[Symbol.asyncDispose]())
    const leaseMs = 1_500
    const nodes = await startTwoNodes(redis.url, { tuning: { presenceLeaseMs: leaseMs } })
    ends.push(() => nodes[Symbol.asyncDispose]())
    const config = { databaseUrl: nodes.databaseUrl }
    const lost = await startTestNodes(`redis://127.0.0.1:${proxy.port}`, {
      count: 1,
      config,
      tuning: { presenceLeaseMs: leaseMs },
    })
    ends.push(() => lost[Symbol.asyncDispose]())
    const ben = await lost.nodes[0]?.connect('ben')
    await ben?.auth.me.query()
    await nodes.here.caller('ada').auth.me()
    const stop = new AbortController()
    const seen = await nodes.here.app
      .createCaller({ userId: 'ada' }, { signal: stop.signal })
      .presence.onChange({ userIds: ['ben'] })
    let cutAt = 0
    for await (const [presence] of seen) {
      if (presence?.status === 'online' && cutAt === 0) {
        cutAt = performance.now()
        proxy.cut()
      }
      if (presence?.status === 'offline' && cutAt > 0) break
    }
    expect(performance.now() - cutAt).toBeLessThan((leaseMs * 4) / 3 + 500)
    stop.abort()
  })
})

describeWithRedis('another history of the database', () => {
  test('resets every subscriber on every node', async () => {
    const { here, there, databaseUrl } = await world({ reconcileMs: 100 })
    const roomId = await room(here, 'ben')
    const logs = [new EventLog(await here.connect('ada'), roomId), new EventLog(await there.connect('ben'), roomId)]
    await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query('update rooms set epoch_seed = gen_random_uuid() where id = $1', [roomId])
    await client.end()
    for (const log of logs) {
      await log.until(({ events }) => events.length > 1)
      expect(log.events[1]).toMatchObject({ type: 'reset', reason: 'epoch' })
    }
    await say(there, roomId, 'anew')
    for (const log of logs) await log.until(({ contents }) => contents.length === 1)
  })
})
