import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { raced } from '../support/raced.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

async function two(): Promise<[string, string]> {
  const pair: [string, string] = [`ada-${newId()}`, `ben-${newId()}`]
  for (const name of pair) await server.caller(name).auth.me()
  return pair
}

const say = (userId: string, roomId: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello' })
const BLOCKED = { reason: 'BLOCKED' }

describe('user.block', () => {
  test('refuses direct messages of the blocked, new and edited, and takes them again after unblock', async () => {
    const [ada, ben] = await two()
    const client = await server.connect(ada)
    const { id: roomId } = await server.caller(ben).room.direct({ userId: ada })
    const { id: messageId } = await say(ben, roomId)
    await client.user.block.mutate({ userId: ben })
    await client.user.block.mutate({ userId: ben })
    expect(await client.user.blocked.query({})).toMatchObject({ items: [{ id: ben }], nextCursor: null })

    await expect(say(ben, roomId)).rejects.toMatchObject(BLOCKED)
    await expect(server.caller(ben).message.edit({ roomId, messageId, content: 'Hey!' })).rejects.toMatchObject(BLOCKED)
    await expect(server.caller(ben).room.direct({ userId: ada })).rejects.toMatchObject(BLOCKED)
    expect(await server.caller(ben).room.get({ roomId })).toMatchObject({ id: roomId })
    expect(await say(ada, roomId)).toMatchObject({ senderId: ada })

    await client.user.unblock.mutate({ userId: ben })
    expect(await client.user.blocked.query({})).toEqual({ items: [], nextCursor: null })
    expect(await say(ben, roomId)).toMatchObject({ senderId: ben })
    expect(await server.caller(ben).room.direct({ userId: ada })).toMatchObject({ id: roomId })
  })

  test('before there is a direct room, the blocked can not make one; the other can, and is not answered in it', async () => {
    const [ada, ben] = await two()
    await server.caller(ada).user.block({ userId: ben })
    await expect(server.caller(ben).room.direct({ userId: ada })).rejects.toMatchObject(BLOCKED)
    const { id: roomId } = await server.caller(ada).room.direct({ userId: ben })
    expect(await say(ada, roomId)).toMatchObject({ senderId: ada })
    await expect(say(ben, roomId)).rejects.toMatchObject(BLOCKED)
    await server.caller(ada).user.unblock({ userId: ben })
    expect(await say(ben, roomId)).toMatchObject({ senderId: ben })
  })

  test('goes one way, and two blocks are two: lifting one leaves the other', async () => {
    const [ada, ben] = await two()
    const { id: roomId } = await server.caller(ada).room.direct({ userId: ben })
    await server.caller(ada).user.block({ userId: ben })
    await server.caller(ben).user.block({ userId: ada })
    await expect(say(ada, roomId)).rejects.toMatchObject(BLOCKED)
    await server.caller(ada).user.unblock({ userId: ben })
    await expect(say(ada, roomId)).rejects.toMatchObject(BLOCKED)
    expect(await say(ben, roomId)).toMatchObject({ senderId: ben })
  })

  test('leaves shared groups alone, is not seen in any log, and is of somebody else', async () => {
    const [ada, ben] = await two()
    const { id: group } = await server.caller(ada).room.create({ kind: 'group', name: 'Engine room', memberIds: [ben] })
    const { id: direct } = await server.caller(ada).room.direct({ userId: ben })
    const before = await server.caller(ben).room.changes({ roomId: direct })
    await server.caller(ada).user.block({ userId: ben })
    expect(await say(ben, group)).toMatchObject({ senderId: ben })
    expect(await server.caller(ben).room.changes({ roomId: direct, after: before.position })).toMatchObject({
      events: [],
    })
    await expect(server.caller(ada).user.block({ userId: ada })).rejects.toMatchObject({ reason: 'INVALID_INPUT' })
  })

  test('a send that waits while its sender is blocked is refused', async () => {
    const [ada, ben] = await two()
    const { id: roomId } = await server.caller(ada).room.direct({ userId: ben })
    const results = await raced(
      server.database.url,
      roomId,
      () => server.caller(ada).user.block({ userId: ben }),
      () => say(ben, roomId),
    )
    expect(results).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: BLOCKED }])
  })

  test('raced against the making of the direct room, the block holds in it however it ends', async () => {
    for (let round = 0; round < 15; round++) {
      const [ada, ben] = await two()
      const made = Promise.allSettled([
        server.caller(ben).room.direct({ userId: ada }),
        server.caller(ada).user.block({ userId: ben }),
        server.caller(ada).room.direct({ userId: ben }),
      ])
      const [asked, block, own] = await made
      if (asked.status === 'rejected') expect(asked.reason).toMatchObject(BLOCKED)
      expect(block.status).toBe('fulfilled')
      if (own.status === 'rejected') throw own.reason
      await expect(say(ben, own.value.id)).rejects.toBeInstanceOf(ChatError)
      await expect(say(ben, own.value.id)).rejects.toMatchObject(BLOCKED)
    }
  })

  test('blocked users are listed latest first, page by page', async () => {
    const [ada] = await two()
    const others = ['first', 'second', 'third'].map((name) => `${name}-${newId()}`)
    for (const userId of others) {
      await server.caller(userId).auth.me()
      await server.caller(ada).user.block({ userId })
    }
    const first = await server.caller(ada).user.blocked({ limit: 2 })
    const second = await server.caller(ada).user.blocked({ limit: 2, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(others.toReversed())
    expect(second.nextCursor).toBeNull()
  })
})
