import { afterEach, describe, expect, test } from 'vitest'
import { roomChannel } from '../../server/bus/bus.ts'
import { becomes, openTapped } from '../support/tapped-client.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const opened: Awaited<ReturnType<typeof openTapped>>[] = []

async function open(userId: string) {
  const one = await openTapped(server.url, userId)
  opened.push(one)
  return one
}

afterEach(async () => {
  for (const { client } of opened.splice(0)) await client.close()
})

async function newRoom(): Promise<string> {
  for (const name of ['alice', 'bob']) await server.caller(name).auth.me()
  const room = await server.caller('alice').room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['bob'] })
  return room.id
}

describe('typing', () => {
  test('is told at once, not again with each keystroke, and at most once in two seconds however often one stops', async () => {
    const roomId = await newRoom()
    const told: { isTyping: boolean; at: number }[] = []
    const unsubscribe = await server.app.services.bus.subscribe(roomChannel('default', roomId), (message) => {
      if (message.type === 'typing.changed') told.push({ isTyping: message.isTyping, at: performance.now() })
    })
    const { chat } = await open('alice')
    const typing = chat.typing(roomId)
    for (let key = 0; key < 20; key++) typing.onInput()
    typing.onStop()
    for (let key = 0; key < 20; key++) typing.onInput()
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(3)
    typing.onStop()
    await expect.poll(() => told.length).toBe(4)
    expect(told.map(({ isTyping }) => isTyping)).toEqual([true, false, true, false])
    expect((told[2]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThan(1_900)
    unsubscribe()
  })

  test('shows the others, not oneself', async () => {
    const roomId = await newRoom()
    const [alice, bob] = [await open('alice'), await open('bob')]
    const shown = becomes(alice.chat.typing(roomId).users, (users) => users.length > 0)
    await expect.poll(() => alice.sent.includes('typing.onChange')).toBe(true)
    await server.caller('alice').room.get({ roomId })
    alice.chat.typing(roomId).onInput()
    bob.chat.typing(roomId).onInput()
    expect((await shown).map(({ id }) => id)).toEqual(['bob'])
    alice.chat.typing(roomId).onStop()
    bob.chat.typing(roomId).onStop()
  })
})

describe('presence', () => {
  test('of users who are named one by one is one stream, begun anew only for somebody new', async () => {
    // Nobody's connection of an earlier test is still remembered.
    for (const name of ['dora', 'emil']) await server.caller(name).auth.me()
    const { chat, sent } = await open('dora')
    const streams = () => sent.filter((path) => path === 'presence.onChange').length
    const { users } = chat.presence
    const ends = ['dora', 'emil', 'emil'].map((id) => chat.presence.watch(id, () => undefined))
    await becomes(users, (known) => known.get('dora')?.status === 'online' && known.get('emil')?.status === 'offline')
    expect(streams()).toBe(1)

    const emil = await open('emil')
    await becomes(users, (known) => known.get('emil')?.status === 'online')
    ends[1]?.()
    ends.push(chat.presence.watch('dora', () => undefined))
    await emil.client.presence.set.mutate({ status: 'busy' })
    await becomes(users, (known) => known.get('emil')?.status === 'busy')
    expect(streams()).toBe(1)

    await server.caller('cleo').auth.me()
    ends.push(chat.presence.watch('cleo', () => undefined))
    await becomes(users, (known) => known.has('cleo'))
    expect(streams()).toBe(2)
    for (const end of ends) end()
    await expect.poll(() => sent.filter((path) => path === 'stop presence.onChange').length, { timeout: 5_000 }).toBe(2)
    expect(users.get().size).toBe(0)
  })
})

describe('the inbox', () => {
  test('counts, orders and previews as a fresh fetch does, over cuts', async () => {
    const roomId = await newRoom()
    const { chat, cut } = await open('bob')
    const stop = chat.start()
    const { view } = chat.inbox
    await becomes(view, ({ phase }) => phase === 'ready')
    const alice = server.caller('alice')
    const second = await alice.room.create({ kind: 'group', name: 'Winter launch', memberIds: ['bob'] })
    for (const [index, id] of [roomId, second.id, roomId, roomId, second.id, roomId].entries()) {
      if (index % 2) cut()
      await alice.message.send({ roomId: id, clientId: crypto.randomUUID(), content: `Line ${index}` })
    }
    await server.caller('bob').receipt.read({ roomId: second.id, seq: Number.MAX_SAFE_INTEGER })
    const { items } = await server.caller('bob').room.list({})
    const expected = items.map(({ id, lastMessage, viewer }) => [id, lastMessage?.content, viewer.unread])
    const shown = () =>
      view.get().entries.map(({ room, last }) => [room.id, last?.preview, chat.inbox.countsOf(room.id)?.unread])
    await expect.poll(shown, { timeout: 10_000 }).toEqual(expected)
    expect(view.get().inbox.unread).toBe(items.reduce((sum, { viewer }) => sum + viewer.unread, 0))
    stop()
  })
})
