import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import type { Session } from '../../server/rpc/context.ts'
import { OpenStreams } from '../../server/rpc/open-streams.ts'
import { RATE_LIMITS, RateLimits } from '../../server/rpc/rate-limits.ts'
import { KeyedCount } from '../../server/transport/keyed-count.ts'
import { EventSource } from '../support/event-source.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'
import type { TokenClaims } from '../support/test-kit.ts'
import { stop, subscription, WirePeer } from '../transport/wire-peer.ts'

const PER_USER = 6
const PER_SERVICE = 12
const CONNECTIONS = 5

const server = useTestApp(
  {},
  {
    streams: { perUser: PER_USER, perService: PER_SERVICE, beginAtOnce: 2 },
    limits: { maxSubscriptions: 64, maxConnectionsPerUser: CONNECTIONS },
    reconcileMs: 200,
  },
)

async function connect(userId: string, claims?: TokenClaims): Promise<WirePeer> {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send({ method: 'connectionParams', data: { token: await signToken(userId, claims) } })
  return peer
}

const inbox = (id: number) => subscription(id, 'inbox.onEvent')
const reasonOf = (peer: WirePeer, id: number) =>
  JSON.stringify(peer.of(id).find(({ error }) => error)).match(/"reason":"(\w+)"/)?.[1]

/** Whether each of these streams has begun or was refused, and why. */
async function outcomes(peer: WirePeer, ids: number[]): Promise<string[]> {
  const isKnown = (id: number) => peer.of(id).some(({ result, error }) => error || result?.type === 'data')
  await peer.until(() => ids.every(isKnown))
  return ids.map((id) => (peer.of(id).some(({ error }) => error) ? (reasonOf(peer, id) ?? '') : 'begun'))
}

/** How many streams more the user gets, which are closed again. */
async function room(userId: string): Promise<number> {
  const peer = await connect(userId)
  const ids = [...Array(PER_SERVICE + 1).keys()]
  peer.send(ids.map(inbox))
  const begun = (await outcomes(peer, ids)).filter((outcome) => outcome === 'begun').length
  peer.socket.close()
  await peer.until(({ closed }) => closed !== undefined)
  return begun
}

describe('the streams of one user', () => {
  test('are counted over WebSockets and server-sent events together, and one too many says when to come back', async () => {
    const [one, other] = [await connect('ada'), await connect('ada')]
    one.send([1, 2].map(inbox))
    other.send([1, 2].map(inbox))
    expect([...(await outcomes(one, [1, 2])), ...(await outcomes(other, [1, 2]))]).toEqual(Array(4).fill('begun'))
    const token = await signToken('ada')
    const sources = [1, 2].map(() => new EventSource(server.url, 'inbox.onEvent', { token }).read())
    for (const source of sources) await source.until(({ hasBegun }) => hasBegun)

    const refused = await new EventSource(server.url, 'inbox.onEvent', { token }).read().until(({ isOver }) => isOver)
    expect(refused.refusal).toBe('RATE_LIMITED')
    expect(refused.text).toMatch(/"retryAfterMs":\d+/)
    one.send(inbox(3))
    expect(await outcomes(one, [3])).toEqual(['RATE_LIMITED'])
    const ben = await connect('ben')
    ben.send(inbox(1))
    expect(await outcomes(ben, [1])).toEqual(['begun'])

    one.send(stop(1))
    await one.until(() => one.of(1).at(-1)?.result?.type === 'stopped')
    one.send(inbox(4))
    expect(await outcomes(one, [4])).toEqual(['begun'])
    for (const source of sources) source.close()
    let id = 100
    const next = () => {
      other.send(inbox(++id))
      return outcomes(other, [id])
    }
    await expect.poll(next).toEqual(['begun'])
  })

  test('over server-sent events are connections as well', async () => {
    const token = await signToken('cleo')
    const peers = await Promise.all([...Array(3).keys()].map(() => connect('cleo')))
    // A PING is answered before it is known who connects, when the connection does not count yet.
    for (const peer of peers) peer.send({ id: 1, method: 'query', params: { path: 'auth.me' } })
    for (const peer of peers) await peer.until(() => peer.of(1).length > 0)
    const sources = [...Array(CONNECTIONS).keys()].map(() =>
      new EventSource(server.url, 'inbox.onEvent', { token }).read(),
    )
    for (const source of sources) await source.until(({ hasBegun, isOver }) => hasBegun || isOver)
    expect(sources.filter(({ hasBegun }) => hasBegun)).toHaveLength(CONNECTIONS - 3)
    const turnedAway = await connect('cleo')
    await turnedAway.until(({ closed }) => closed !== undefined)
    expect(turnedAway.closed?.code).toBe(4101)
    for (const source of sources) source.close()
  })

  test.for([
    [
      'failed',
      async (peer: WirePeer) => {
        const ids = [...Array(30).keys()]
        peer.send(ids.map((id) => subscription(id, 'room.onEvent', { json: { roomId: newId() } })))
        expect(new Set(await outcomes(peer, ids))).toContain('NOT_FOUND')
      },
    ],
    [
      'were refused for their input',
      async (peer: WirePeer) => {
        const ids = [...Array(30).keys()]
        peer.send(ids.map((id) => subscription(id, 'room.onEvent', { json: { roomId: 'none' } })))
        expect(new Set(await outcomes(peer, ids))).toContain('INVALID_INPUT')
      },
    ],
    [
      'were stopped before they began',
      async (peer: WirePeer) => {
        for (let id = 0; id < 60; id++) peer.send([inbox(id), stop(id)])
        await peer.settled()
      },
    ],
    [
      'were stopped as they began',
      async (peer: WirePeer) => {
        for (let id = 0; id < 30; id++) {
          peer.send(inbox(id))
          await peer.until(() => peer.of(id).length > 0)
          peer.send(stop(id))
        }
        await peer.settled()
      },
    ],
    [
      'lost their connection as they began',
      async (peer: WirePeer) => {
        peer.send([...Array(30).keys()].map(inbox))
        await peer.settled()
        peer.socket.terminate()
      },
    ],
    [
      'lost their request before or as they began',
      async (_peer: WirePeer, userId: string) => {
        const token = await signToken(userId)
        for (let n = 0; n < 20; n++) {
          const source = new EventSource(server.url, 'inbox.onEvent', { token }).read()
          if (n % 2 === 0) await source.response
          else await new Promise((resolve) => source.request.once('finish', resolve))
          source.close()
        }
      },
    ],
    [
      'were ended by a revocation',
      async (peer: WirePeer, userId: string) => {
        peer.send([...Array(PER_USER).keys()].map(inbox))
        await outcomes(peer, [...Array(PER_USER).keys()])
        await server.caller(userId).auth.revokeAll()
        await peer.until(({ closed }) => closed !== undefined)
      },
    ],
  ] as const)('that %s leave their places', async ([name, end]) => {
    const userId = name.replaceAll(' ', '-')
    await end(await connect(userId), userId)
    await expect.poll(() => room(userId), { timeout: 10_000 }).toBe(PER_USER)
  })

  test('are more for a service, and not counted for callers in process', async () => {
    const service = await connect('backend', { role: 'service' })
    const ids = [...Array(PER_SERVICE + 1).keys()]
    service.send(ids.map(inbox))
    expect((await outcomes(service, ids)).filter((outcome) => outcome === 'begun')).toHaveLength(PER_SERVICE)
    const abort = new AbortController()
    const caller = server.app.createCaller({ userId: 'dov' }, { signal: abort.signal })
    for (let n = 0; n < 2 * PER_SERVICE; n++) {
      const stream = await caller.inbox.onEvent()
      expect(await stream[Symbol.asyncIterator]().next()).toMatchObject({ done: false })
    }
    abort.abort()
  })

  test('begin in turns: a user’s hundreds don’t hold up another’s first', async () => {
    const service = await connect('importer', { role: 'service' })
    const eve = await connect('eve')
    await Promise.all([service.settled(), eve.settled()])
    const ids = [...Array(PER_SERVICE).keys()]
    service.send(ids.map(inbox))
    eve.send(inbox(1))
    expect(await outcomes(eve, [1])).toEqual(['begun'])
    expect(await outcomes(service, ids)).toEqual(ids.map(() => 'begun'))
  })
})

describe('a stream that is counted', () => {
  const sessionOf = (origin: Session['origin']): Session => ({
    tenantId: 'default',
    userId: 'ada',
    role: 'user',
    origin,
    expiresAt: null,
    signal: new AbortController().signal,
    admit: async () => undefined,
    hold: async () => () => undefined,
    refresh: async () => new Date(),
  })

  test('gives its place back once, also where nobody reads it, and was cancelled before', async () => {
    const connections = new KeyedCount()
    const streams = new OpenStreams({ perUser: 2, perService: 2, beginAtOnce: 1 }, { connections, maxConnections: 2 })
    const open = (ends: AbortSignal) => streams.open(sessionOf('token'), { requestId: 'r' }, ends)
    const [first, second] = [new AbortController(), new AbortController()]
    const one = open(first.signal)
    open(second.signal)
    expect(() => open(second.signal)).toThrow(ChatError)
    first.abort()
    one.close()
    one.close()
    const third = open(new AbortController().signal)
    expect(() => open(new AbortController().signal)).toThrow(ChatError)
    expect(connections.add('default/ada')).toBe(3)
    connections.remove('default/ada')
    second.abort()
    third.close()
    for (let n = 0; n < 5; n++) open(AbortSignal.abort())
    expect(connections.add('default/ada')).toBe(1)
  })

  test('begins when its user has paid for what the one before it began with', async () => {
    const rateLimits = new RateLimits(undefined, RATE_LIMITS, { perSecond: 1_000_000, burst: 1_000_000 })
    const streams = new OpenStreams(
      { perUser: 3, perService: 3, beginAtOnce: 3 },
      { connections: new KeyedCount(), rateLimits },
    )
    const turnOf = (ends = new AbortController().signal) => streams.open(sessionOf('token'), undefined, ends).turn()
    rateLimits.charge(sessionOf('token'), 'x'.repeat(1_200_000))
    const begunAt = performance.now()
    const cancelled = new AbortController()
    const [first, second, third] = [turnOf(), turnOf(), turnOf(cancelled.signal)]
    cancelled.abort()
    expect(await third).toBeUndefined()
    const begun = await first
    expect(performance.now() - begunAt).toBeGreaterThan(150)
    begun?.('x'.repeat(300_000))
    begun?.()
    await second
    expect(performance.now() - begunAt).toBeGreaterThan(450)
    rateLimits.close()
  })

  test('begins beside another user’s, however many of its own user begin', async () => {
    const limits = { perUser: 3, perService: 3, beginAtOnce: 3, beginAtOncePerUser: 2 }
    const streams = new OpenStreams(limits, { connections: new KeyedCount() })
    const begun: string[] = []
    const begin = async (userId: string) => {
      const end = await streams.open({ ...sessionOf('token'), userId }, undefined, new AbortController().signal).turn()
      begun.push(userId)
      return end
    }
    const [first] = await Promise.all([begin('ada'), begin('ada')])
    const third = begin('ada')
    await begin('ben')
    expect(begun).toEqual(['ada', 'ada', 'ben'])
    first?.()
    await third
    expect(begun).toEqual(['ada', 'ada', 'ben', 'ada'])
  })

  test('is one whose session rests on a token, whenever that expires', () => {
    const streams = new OpenStreams({ perUser: 0, perService: 0, beginAtOnce: 1 }, { connections: new KeyedCount() })
    const ends = new AbortController().signal
    expect(() => streams.open(sessionOf('token'), undefined, ends)).toThrow(ChatError)
    expect(() => streams.open(sessionOf('process'), undefined, ends)).not.toThrow()
  })
})
