import { describe, expect, test } from 'vitest'
import { type ConnectionState, createChatClient } from '../../shared/index.ts'
import { signToken, useTestApp } from '../support/test-app.ts'

const server = useTestApp({ rateLimit: false }, { reconcileMs: 200 })

function until(
  client: ReturnType<typeof createChatClient>,
  isThere: (state: ConnectionState) => boolean,
): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isThere(client.connection.state)) return
      unsubscribe()
      resolve(client.connection.state)
    }
    const unsubscribe = client.connection.subscribe(look)
    look()
  })
}

describe('a connection lives as long as its token', () => {
  test('at its expiry it is closed, and a client with only this token gives up and says why', async () => {
    const client = createChatClient({ url: server.url, token: await signToken('ada', { expiresIn: 1 }) })
    expect(await client.auth.me.query()).toMatchObject({ user: { id: 'ada' } })
    expect(await until(client, ({ status }) => status === 'closed')).toEqual({
      status: 'closed',
      reason: 'TOKEN_EXPIRED',
    })
    await expect(client.auth.me.query()).rejects.toMatchObject({ data: { reason: 'TOKEN_EXPIRED' } })
    await client.close()
  })

  test('a client that can fetch tokens renews its own in place, and the connection never notices', async () => {
    const expiries = [2, 600]
    const client = createChatClient({
      url: server.url,
      token: () => signToken('ada', { expiresIn: expiries.shift() ?? 600 }),
    })
    const states: string[] = []
    client.connection.subscribe(({ status }) => states.push(status))
    const before = await client.auth.me.query()
    expect(before.expiresAt?.getTime()).toBeLessThan(Date.now() + 2_000)
    while (expiries.length > 0) await client.auth.me.query()
    let renewed = await client.auth.me.query()
    while ((renewed.expiresAt?.getTime() ?? 0) < Date.now() + 60_000) renewed = await client.auth.me.query()
    expect(states).toEqual(['open'])
    await client.close()
  })

  test('auth.refresh takes a token of the same user only', async () => {
    const client = await server.connect('ada')
    const { expiresAt } = await client.auth.refresh.mutate({ token: await signToken('ada', { expiresIn: 3_600 }) })
    expect((await client.auth.me.query()).expiresAt).toEqual(expiresAt)
    const refused = { data: { reason: 'TOKEN_INVALID' } }
    await expect(client.auth.refresh.mutate({ token: await signToken('ben') })).rejects.toMatchObject(refused)
    await expect(
      client.auth.refresh.mutate({ token: await signToken('ada', { tenant: 'acme' }) }),
    ).rejects.toMatchObject(refused)
    await expect(
      client.auth.refresh.mutate({ token: await signToken('ada', { role: 'service' }) }),
    ).rejects.toMatchObject(refused)
  })

  test('auth.revokeAll ends the connections that live on older tokens; a newer one is welcome', async () => {
    const client = createChatClient({ url: server.url, token: await signToken('cleo') })
    const other = createChatClient({ url: server.url, token: await signToken('cleo') })
    await Promise.all([client.auth.me.query(), other.auth.me.query()])
    await client.auth.revokeAll.mutate()
    const closed = [client, other].map((each) => until(each, ({ status }) => status === 'closed'))
    expect(await Promise.all(closed)).toEqual([1, 2].map(() => ({ status: 'closed', reason: 'TOKEN_REVOKED' })))

    const again = await server.connect('cleo')
    expect(await again.auth.me.query()).toMatchObject({ user: { id: 'cleo' } })
    await Promise.all([client.close(), other.close()])
  })

  test('a ban that only the database knows ends the connection with the next poll', async () => {
    const client = createChatClient({ url: server.url, token: await signToken('dov') })
    await client.auth.me.query()
    await server.app.services.database.db
      .updateTable('users')
      .set((users) => ({ banned_at: new Date(), version: users('version', '+', 1) }))
      .where('id', '=', 'dov')
      .execute()
    expect(await until(client, ({ status }) => status === 'closed')).toEqual({
      status: 'closed',
      reason: 'USER_BANNED',
    })
    await client.close()
  })
})
