import { describe, expect, test } from 'vitest'
import { RATE_LIMITS } from '../../server/rpc/rate-limits.ts'
import { newId, useTestApp } from '../support/test-app.ts'

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
  const client = await app.connect(userId, { role })
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
    const { message, schedule } = await server.connect('finn')
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
    const asService = await server.connect('backend', { role: 'service' })
    await asService.user.upsert.mutate({ id: 'dov', name: 'Dov' })
    const { id: roomId } = await asService.room.create.mutate({ kind: 'group', name: 'Engine room', ownerId: 'dov' })
    const results = await inTurns(calls + 5, () =>
      asService.message.send.mutate({ roomId, clientId: newId(), content: 'Hello', asUserId: 'dov' }),
    )
    expect(refused(results)).toEqual([])
    expect(refused(await sendMany(unlimited, 'ada', calls + 5))).toEqual([])
  })
})
