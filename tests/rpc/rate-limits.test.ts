import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { NODES_CHANNEL } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { userKey } from '../../server/lib/keys.ts'
import type { Session } from '../../server/rpc/context.ts'
import { ANSWER_RATE, RATE_LIMITS, RateLimits } from '../../server/rpc/rate-limits.ts'
import { EventLog } from '../support/event-log.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'
import { query, WirePeer } from '../transport/wire-peer.ts'

const server = useTestApp()
const unlimited = useTestApp({ rateLimit: false })

const { calls } = RATE_LIMITS['message.send']

/** A connection has at most 64 calls in flight; these are fewer. */
const AT_ONCE = 32

async function inTurns<T>(count: number, call: () => Promise<T>): Promise<PromiseSettledResult<T>[]> {
  const results: PromiseSettledResult<T>[] = []
  while (results.length < count) {
    const calls = Array.from({ length: Math.min(AT_ONCE, count - results.length) }, call)
    results.push(...(await Promise.allSettled(calls)))
  }
  return results
}

async function sendMany(app: typeof server, userId: string, count: number, role: 'user' | 'service' = 'user') {
  const client = await app.connect(userId, { role }, { maxWaitMs: 0 })
  const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
  return inTurns(count, () => client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' }))
}

const refused = (results: PromiseSettledResult<unknown>[]) => results.filter((result) => result.status === 'rejected')

describe('rate limits', () => {
  test('refuse what is too much, call by call, and say when to come back', async () => {
    const results = await sendMany(server, 'ada', calls + 5)
    expect(refused(results)).toHaveLength(5)
    for (const { reason } of refused(results)) {
      expect(reason).toMatchObject({ data: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } })
      expect(reason.data.retryAfterMs).toBeLessThanOrEqual(RATE_LIMITS['message.send'].perSeconds * 1_000)
    }
  })

  test('count each user for itself, and each procedure', async () => {
    await sendMany(server, 'ben', calls)
    const ben = await server.connect('ben')
    expect(await ben.auth.me.query()).toMatchObject({ user: { id: 'ben' } })
    expect(refused(await sendMany(server, 'cleo', 5))).toEqual([])
  })

  test('count forwards, edits and schedules as sends', async () => {
    await sendMany(server, 'finn', calls)
    const { message, schedule } = await server.connect('finn', {}, { maxWaitMs: 0 })
    const [roomId, messageId, clientId] = [newId(), newId(), newId()]
    const content = 'Hello'
    const results = await Promise.allSettled([
      message.forward.mutate({ roomId, messageId, toRoomId: roomId, clientId }),
      message.edit.mutate({ roomId, messageId, content }),
      schedule.create.mutate({ roomId, clientId, content, sendAt: new Date(Date.now() + 60_000) }),
    ])
    expect(refused(results).map(({ reason }) => reason.data.reason)).toEqual(results.map(() => 'RATE_LIMITED'))
  })

  test('do not count services, nor anybody where they are off', async () => {
    const asService = await server.connect('backend', { role: 'service' }, { maxWaitMs: 0 })
    await asService.user.upsert.mutate({ id: 'dov', name: 'Dov' })
    const { id: roomId } = await asService.room.create.mutate({ kind: 'group', name: 'Engine room', ownerId: 'dov' })
    const results = await inTurns(calls + 5, () =>
      asService.message.send.mutate({ roomId, clientId: newId(), content: 'Hello', asUserId: 'dov' }),
    )
    expect(refused(results)).toEqual([])
    expect(refused(await sendMany(unlimited, 'ada', calls + 5))).toEqual([])
  })

  test('count who comes by a token, also by one that never expires, and no caller in process', async () => {
    const limits = new RateLimits()
    const count = (origin: Session['origin'], path: string, type: string, times: number) =>
      inTurns(times, () => limits.count({ ...sessionOf('ada'), origin, expiresAt: null }, path, type))
    expect(refused(await count('process', 'message.send', 'mutation', calls + 5))).toEqual([])
    expect(refused(await count('token', 'message.send', 'mutation', calls + 5))).toHaveLength(5)
    const { calls: streams } = RATE_LIMITS.subscription
    expect(refused(await count('token', 'room.onEvent', 'subscription', streams + 5))).toHaveLength(5)
    limits.close()
  })

  test('give a service’s connection more calls at a time than a user’s', async () => {
    const asService = await server.connect('importer', { role: 'service' })
    const { id: roomId } = await asService.room.create.mutate({ kind: 'group', name: 'Imported' })
    const ids = Array.from({ length: 400 }, () => newId())
    const imported = await Promise.allSettled(
      ids.map((clientId) => asService.message.send.mutate({ roomId, clientId, content: 'Imported' })),
    )
    expect(refused(imported)).toEqual([])
  })
})

describe('large answers', () => {
  /** A room with a page of long messages, and about how large that page is. */
  async function roomOfLongMessages(userId: string) {
    const caller = server.caller(userId)
    const { id: roomId } = await caller.room.create({ kind: 'group', name: 'Long letters' })
    const content = 'A long letter. '.repeat(500)
    for (let count = 0; count < 100; count++) await caller.message.send({ roomId, clientId: newId(), content })
    return { roomId, pageBytes: 100 * content.length }
  }

  test('are charged by their size: a user who owes waits with what they read, and nobody else does', async () => {
    const { roomId, pageBytes } = await roomOfLongMessages('gita')
    const gita = await server.connect('gita', {}, { maxWaitMs: 0 })
    const readPage = () => gita.message.list.query({ roomId, limit: 100 })
    const begunAt = performance.now()
    const pages = Math.ceil(ANSWER_RATE.burst / pageBytes)
    await Promise.all(Array.from({ length: pages }, readPage))
    const done: string[] = []
    const reads = Promise.all(Array.from({ length: 2 }, readPage)).then(() => done.push('reads'))
    await gita.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })
    done.push('send')
    const hugo = await server.connect('hugo', {}, { maxWaitMs: 0 })
    await hugo.auth.me.query()
    done.push('another user')
    const headers = { authorization: `Bearer ${await signToken('gita')}` }
    const overHttp = fetch(`${server.url}/trpc/auth.me`, { headers }).then(({ status }) =>
      done.push(`over HTTP ${status}`),
    )
    await Promise.all([reads, overHttp])
    expect(done).toEqual(['send', 'another user', 'reads', 'over HTTP 200'])
    const owed = (pages + 1) * pageBytes - ANSWER_RATE.burst
    expect(performance.now() - begunAt).toBeGreaterThan((owed / ANSWER_RATE.perSecond) * 1_000)
  })

  test('are paid for one after the other, however many ask at once; nobody waits who could not be answered in time', async () => {
    const limits = new RateLimits(undefined, RATE_LIMITS, { perSecond: 1_000_000, burst: 1_000_000 })
    const [ada, { signal }] = [sessionOf('ada'), new AbortController()]
    const answer = (bytes: number) => limits.charge(ada, 'x'.repeat(bytes))
    expect(await limits.payOff(ada, signal)).toBeUndefined()
    answer(1_200_000)
    const begunAt = performance.now()
    const turns = [limits.payOff(ada, signal), limits.payOff(ada, signal)]
    const [first] = await Promise.all(turns.slice(0, 1))
    expect(performance.now() - begunAt).toBeGreaterThan(150)
    answer(300_000)
    first?.()
    const [second] = await Promise.all(turns.slice(1))
    expect(performance.now() - begunAt).toBeGreaterThan(450)
    expect(await limits.payOff(sessionOf('ben'), signal)).toBeUndefined()
    answer(32_000_000)
    second?.()
    await expect(limits.payOff(ada, signal)).rejects.toMatchObject({
      reason: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number),
    })
    limits.close()
  })

  test('of a replay are charged as well, from the database and from the ring', async () => {
    const { roomId, pageBytes } = await roomOfLongMessages('jana')
    const jana = server.caller('jana')
    await server.caller('jo').auth.me()
    await jana.member.add({ roomId, userIds: ['jo'] })
    const positionNow = async () => (await jana.room.snapshot({ roomId })).position
    /** Replays so many messages to a user who has no tokens left. Resolves with how long it takes with a query after it. */
    const replay = async (userId: string, from: string, messages: number) => {
      const client = await server.connect(userId)
      const begunAt = performance.now()
      server.app.services.rateLimits?.charge(sessionOf(userId), 'x'.repeat(ANSWER_RATE.burst))
      const log = await new EventLog(client, roomId, from).until(({ contents }) => contents.length === messages)
      await client.auth.me.query()
      return { log, tookMs: performance.now() - begunAt }
    }
    const costMs = (bytes: number) => (bytes / ANSWER_RATE.perSecond) * 1_000
    const [epoch] = (await positionNow()).split('.')
    const fromDatabase = await replay('jana', `${epoch}.1`, 100)
    expect(fromDatabase.tookMs).toBeGreaterThan(costMs(pageBytes))
    const from = await positionNow()
    for (let count = 0; count < 20; count++) {
      await jana.message.send({ roomId, clientId: newId(), content: 'x'.repeat(pageBytes / 100) })
    }
    await fromDatabase.log.until(({ contents }) => contents.length === 120)
    const fromRing = await replay('jo', from, 20)
    expect(fromRing.tookMs).toBeGreaterThan(costMs(pageBytes / 5))
    for (const { log } of [fromDatabase, fromRing]) log.stop()
  })

  test('are written one at a time, round the users', async () => {
    const limits = new RateLimits()
    const { signal } = new AbortController()
    const written: string[] = []
    const write = async (userId: string) => {
      await limits.chargeInTurn(sessionOf(userId), 'x'.repeat(20_000), signal)
      written.push(userId)
    }
    let most = 0
    const all = Promise.all(['ada', 'ada', 'ada', 'ben'].map(write))
    while (written.length < 4) {
      const before = written.length
      await new Promise(setImmediate)
      most = Math.max(most, written.length - before)
    }
    await all
    expect(most).toBe(1)
    expect(written).toEqual(['ada', 'ada', 'ben', 'ada'])
    limits.close()
  })

  test.for(['WebSocket', 'HTTP'])('leave the line with their caller over %s', async (transport) => {
    const userId = `kim-${transport}`
    const { queryTurns, rateLimits, callMetrics } = server.app.services
    await server.caller(userId).auth.me()
    rateLimits?.charge(sessionOf(userId), 'x'.repeat(ANSWER_RATE.burst + 5 * ANSWER_RATE.perSecond))
    const cancelled = () => callMetrics.procedures.get('preferences.get')?.outcomes.get('CANCELLED') ?? 0
    const [before, token] = [cancelled(), await signToken(userId)]
    const leave =
      transport === 'HTTP' ? askOverHttp(server.url, token, 20) : await askOverWebSocket(server.url, token, 20)
    await expect.poll(() => queryTurns?.waiting).toBe(4)
    leave()
    await expect.poll(() => queryTurns?.waiting).toBe(0)
    await expect.poll(() => cancelled() - before).toBe(20)
  })

  test('leave the line of those who wait when the server stops', async () => {
    const limits = new RateLimits(undefined, RATE_LIMITS, { perSecond: 1_000, burst: 1_000 })
    limits.charge(sessionOf('ada'), 'x'.repeat(20_000))
    const stopping = new AbortController()
    const waiting = [0, 1].map(() => limits.payOff(sessionOf('ada'), stopping.signal))
    stopping.abort()
    for (const each of await Promise.allSettled(waiting)) expect(each.status).toBe('rejected')
    limits.close()
  })

  test('are waited for by the client', async () => {
    const { roomId, pageBytes } = await roomOfLongMessages('ines')
    const ines = await server.connect('ines')
    const pages = Math.ceil(ANSWER_RATE.burst / pageBytes) + 4
    const results = await Promise.all(
      Array.from({ length: pages }, () => ines.message.list.query({ roomId, limit: 100 })),
    )
    expect(results.every(({ items }) => items.length === 100)).toBe(true)
  })
})

/** Asks so many times and waits for nothing. Returns how to go away. */
function askOverHttp(url: string, token: string, count: number): () => void {
  const leaving = new AbortController()
  const request = { headers: { authorization: `Bearer ${token}` }, signal: leaving.signal }
  for (let n = 0; n < count; n++) void fetch(`${url}/trpc/preferences.get`, request).catch(() => undefined)
  return () => leaving.abort()
}

async function askOverWebSocket(url: string, token: string, count: number): Promise<() => void> {
  const peer = await WirePeer.connect(`${url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send({ method: 'connectionParams', data: { token } })
  for (let id = 0; id < count; id++) peer.send(query(id, 'preferences.get'))
  return () => peer.socket.terminate()
}

const sessionOf = (userId: string): Session => ({
  tenantId: 'default',
  userId,
  role: 'user',
  origin: 'token',
  expiresAt: new Date(Date.now() + 60_000),
  signal: new AbortController().signal,
  admit: async () => undefined,
  hold: async () => () => undefined,
  refresh: async () => new Date(),
})

/** One of several nodes, and what it tells the others. */
async function oneOfSeveral(limits?: ConstructorParameters<typeof RateLimits>[1]) {
  const bus = new MemoryBus(pino({ level: 'silent' }))
  const told = new Map<string, number>()
  await bus.subscribe(NODES_CHANNEL, (message) => {
    if (message.type !== 'calls.counted') return
    for (const [, key, calls] of message.counts) told.set(key, calls)
  })
  const node = new RateLimits({ bus, node: 'here' }, limits)
  const call = (userId: string) => node.count(sessionOf(userId), 'room.get', 'query')
  return { node, told, call }
}

describe('what nodes tell each other of calls', () => {
  const keyOf = (userId: string) => userKey({ tenantId: 'default', userId })
  const share = RATE_LIMITS.query.calls / 10

  test('forgets who called longest ago, where too many call too little to be told', async () => {
    const { node, told, call } = await oneOfSeveral()
    for (let count = 1; count < share; count++) await call('first')
    for (let index = 0; index < 20_000; index++) await call(`user ${index}`)
    for (let count = 1; count < share; count++) await call('last')
    await call('first')
    await call('last')
    await expect.poll(() => told.get(keyOf('last'))).toBe(share)
    expect(told.has(keyOf('first'))).toBe(false)
    node.close()
  })

  test('leaves out what is beyond so many counts at a time', async () => {
    const { node, told, call } = await oneOfSeveral({ ...RATE_LIMITS, query: { calls: 1, perSeconds: 1 } })
    await Promise.all(Array.from({ length: 6_000 }, (_, index) => call(`user ${index}`)))
    await expect.poll(() => told.size).toBe(5_000)
    expect(told.has(keyOf('user 5999'))).toBe(false)
    node.close()
  })
})
