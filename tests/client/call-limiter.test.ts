import { describe, expect, test, vi } from 'vitest'
import { DEFAULT_TUNING } from '../../server/tuning.ts'
import type { ChatClient } from '../../shared/index.ts'
import { WIRE_LIMITS } from '../../shared/wire-limits.ts'
import { tapClient } from '../support/tapped-client.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const roomy = useTestApp({}, { limits: { ...DEFAULT_TUNING.limits, maxSubscriptions: 300 } })

/** Only for what hangs: ten thousand calls take some seconds, and longer where others use the machine. */
const HANG_MS = 120_000
const SERVICE = { role: 'service' } as const

async function openRoom(client: ChatClient): Promise<string> {
  const { id } = await client.room.create.mutate({ kind: 'group', name: 'Engine room', ownerId: 'ada' })
  return id
}

/** A service with a room, and how often its connection was lost. */
async function asService(options?: { maxWaitMs?: number; calls?: 'http' }) {
  const client = await server.connect('backend', SERVICE, options)
  await client.user.upsert.mutate({ id: 'ada', name: 'Ada' })
  const losses: string[] = []
  client.connection.subscribe(({ status }) => losses.push(status))
  return { client, roomId: await openRoom(client), losses }
}

const times = <T>(count: number, call: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => call(i)))

describe('many calls at once', () => {
  test.each([WIRE_LIMITS.calls + 1, WIRE_LIMITS.batch + 1])(
    '%i are all answered, and none is refused',
    async (count) => {
      const { client, roomId } = await asService({ maxWaitMs: 0 })
      expect(await times(count, () => client.room.get.query({ roomId }))).toHaveLength(count)
    },
  )

  test('10,000 queries are all answered, over one connection', { timeout: HANG_MS }, async () => {
    const { client, losses } = await asService()
    expect(await times(10_000, () => client.auth.me.query())).toHaveLength(10_000)
    expect(losses).toEqual([])
  })

  test('10,000 sends are all answered, and a room has them in the order of the calls', {
    timeout: HANG_MS,
  }, async () => {
    const { client, roomId, losses } = await asService()
    const sent = await times(10_000, (index) =>
      client.message.send.mutate({ roomId, clientId: newId(), content: `${index}`, asUserId: 'ada' }),
    )
    const seqs = sent.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(losses).toEqual([])
  })

  test('over HTTP a bounded number is in flight, in requests that a proxy takes', { timeout: HANG_MS }, async () => {
    const { client } = await asService({ calls: 'http', maxWaitMs: 0 })
    const fetched = vi.spyOn(globalThis, 'fetch')
    expect(await times(2_000, () => client.auth.me.query())).toHaveLength(2_000)
    const urls = fetched.mock.calls.map(([address]) => new URL(address instanceof Request ? address.url : address))
    fetched.mockRestore()
    const batches = urls.map(({ pathname }) => pathname.split(',').length)
    expect(Math.max(...batches)).toBeLessThanOrEqual(WIRE_LIMITS.calls)
    expect(Math.max(...urls.map(({ href }) => href.length))).toBeLessThanOrEqual(8_000)
    expect(urls.length).toBeLessThan(2_000 / 10)
  })

  test('what is large leaves in several frames, and what is too large for one call fails alone', async () => {
    const { client, roomId, losses } = await asService()
    const send = (length: number) =>
      client.message.send.mutate({ roomId, clientId: newId(), content: 'é'.repeat(length) })
    const calls = [...Array.from({ length: 63 }, () => send(31_000)), send(2 ** 20), client.room.get.query({ roomId })]
    const results = await Promise.allSettled(calls)
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason.data?.reason : 'answered'))
    expect(
      Map.groupBy(reasons, (reason) => reason)
        .keys()
        .toArray(),
    ).toEqual(['INVALID_INPUT', 'PAYLOAD_TOO_LARGE', 'answered'])
    expect(losses).toEqual([])
  })
})

describe('a call that the server refuses for now', () => {
  test(
    'waits as long as it says and is sent again: mutations, too, and in their order',
    async () => {
      const client = await server.connect('ben')
      const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
      const [sent, read] = await Promise.all([
        times(100, (index) => client.message.send.mutate({ roomId, clientId: newId(), content: `${index}` })),
        times(1_000, () => client.auth.me.query()),
      ])
      const seqs = sent.map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      expect(read).toHaveLength(1_000)
    },
    HANG_MS,
  )

  test('fails with what it said where the client is not to wait', async () => {
    const client = await server.connect('cleo', {}, { maxWaitMs: 0 })
    const results = await Promise.allSettled(Array.from({ length: 510 }, () => client.auth.me.query()))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(10)
    for (const { reason } of refused) expect(reason).toMatchObject({ data: { reason: 'RATE_LIMITED' } })
  })

  test('is given up by its signal while it waits, in line or for its time', async () => {
    const client = await server.connect('dov')
    const giveUp = new AbortController()
    const signal = AbortSignal.any([giveUp.signal])
    const calls = Array.from({ length: 600 }, (_, index) =>
      client.auth.me.query(undefined, index < 500 ? {} : { signal }),
    )
    await Promise.all(calls.slice(0, 500))
    const results = Promise.allSettled(calls.slice(500))
    giveUp.abort()
    const startedAt = performance.now()
    for (const result of await results)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: /abort/i } })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('many subscriptions', () => {
  const follow = (client: ChatClient, roomId: string, count: number) => {
    const [started, errors, heard] = [new Set<number>(), new Array<unknown>(), new Map<number, number>()]
    for (let index = 0; index < count; index++) {
      client.room.onEvent.subscribe(
        { roomId },
        {
          onError: (error) => errors.push(error),
          onData: ({ data }) => {
            // From here on the client has a position to go on from.
            if (data.type === 'ready') started.add(index)
            if (data.type === 'message.created') heard.set(index, (heard.get(index) ?? 0) + 1)
          },
        },
      )
    }
    return { started, errors, heard }
  }

  test('256 go on after the connection was lost', async () => {
    const { client, cut } = await tapClient(roomy.url, 'ada')
    const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const { started, errors, heard } = follow(client, roomId, 256)
    await expect.poll(() => started.size, { timeout: 10_000 }).toBe(256)
    cut()
    await client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })
    await expect.poll(() => heard.size, { timeout: 10_000 }).toBe(256)
    expect([...heard.values()].every((count) => count === 1)).toBe(true)
    expect(errors).toEqual([])
    await client.close()
  })

  test('beyond what a connection may have each is refused by itself', async () => {
    const { client, cut } = await tapClient(server.url, 'ada')
    const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const { started, errors, heard } = follow(client, roomId, 200)
    await expect.poll(() => started.size + errors.length, { timeout: 10_000 }).toBe(200)
    expect(started.size).toBe(WIRE_LIMITS.subscriptions)
    for (const error of errors) expect(error).toMatchObject({ data: { reason: 'RATE_LIMITED' } })
    cut()
    await client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })
    await expect.poll(() => heard.size, { timeout: 10_000 }).toBe(WIRE_LIMITS.subscriptions)
    await client.close()
  })
})
