import { describe, expect, test } from 'vitest'
import { type ConnectionState, createChatClient } from '../../shared/index.ts'
import { signToken, useTestApp } from '../support/test-app.ts'

/** The poll is far away: what happens within a second, the bus does. */
const server = useTestApp({}, { reconcileMs: 60_000 })
const HOUR = 3_600_000

const host = () => server.connect('host', { role: 'service' })

function closed(client: ReturnType<typeof createChatClient>): Promise<ConnectionState> {
  const { promise, resolve } = Promise.withResolvers<ConnectionState>()
  client.connection.subscribe(() => {
    if (client.connection.state.status === 'closed') resolve(client.connection.state)
  })
  return promise
}

describe('user.ban', () => {
  test('ends live connections within a second, refuses new ones, and unban lets the user in again', async () => {
    const service = await host()
    const ben = createChatClient({ url: server.url, token: await signToken('ben') })
    await ben.auth.me.query()
    const end = closed(ben)
    const from = Date.now()
    const banned = await service.user.ban.mutate({ userId: 'ben', reason: 'Sold things' })
    expect(banned).toMatchObject({ id: 'ben', bannedAt: expect.any(Date), bannedUntil: null, banReason: 'Sold things' })
    expect(await end).toEqual({ status: 'closed', reason: 'USER_BANNED' })
    expect(Date.now() - from).toBeLessThan(1_000)

    const refused = { data: { reason: 'USER_BANNED' } }
    const again = createChatClient({ url: server.url, token: await signToken('ben') })
    await expect(again.auth.me.query()).rejects.toMatchObject(refused)
    await expect(server.caller('ben').room.list()).rejects.toMatchObject({ reason: 'USER_BANNED' })
    await expect(service.user.unban.mutate({ userId: 'ben' })).resolves.toMatchObject({
      bannedAt: null,
      banReason: null,
    })
    const back = await server.connect('ben')
    expect(await back.auth.me.query()).toMatchObject({ user: { id: 'ben' } })
    await Promise.all([ben.close(), again.close()])
  })

  test('says until when, and passes by itself', async () => {
    const service = await host()
    const cleo = server.caller('cleo')
    await cleo.auth.me()
    const until = new Date(Date.now() + HOUR)
    expect(await service.user.ban.mutate({ userId: 'cleo', until })).toMatchObject({ bannedUntil: until })
    const refusal: unknown = await cleo.auth.me().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ reason: 'USER_BANNED' })
    expect(Object(refusal).retryAfterMs).toBeGreaterThan(HOUR - 60_000)
    await service.user.ban.mutate({ userId: 'cleo', until: new Date(Date.now() - 1) })
    expect(await cleo.auth.me()).toMatchObject({ user: { id: 'cleo' } })
  })

  test('is written down, each once, and a service can not shut itself out', async () => {
    const service = await host()
    await server.caller('dov').auth.me()
    const [banned, again] = [1, 2].map(() => service.user.ban.mutate({ userId: 'dov', reason: 'Spam' }))
    expect(await again).toEqual(await banned)
    await service.user.unban.mutate({ userId: 'dov' })
    await service.user.unban.mutate({ userId: 'dov' })
    const { items } = await service.audit.list.query({ actorId: 'host' })
    expect(items.filter(({ userId }) => userId === 'dov')).toMatchObject([
      { action: 'user.unban' },
      { action: 'user.ban', detail: { reason: 'Spam' } },
    ])
    await expect(service.user.ban.mutate({ userId: 'host' })).rejects.toMatchObject({
      data: { reason: 'INVALID_INPUT' },
    })
  })
})
