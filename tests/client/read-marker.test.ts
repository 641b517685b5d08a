import { afterEach, describe, expect, test } from 'vitest'
import { becomes, openTapped } from '../support/tapped-client.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const opened: Awaited<ReturnType<typeof openTapped>>[] = []

afterEach(async () => {
  for (const { client } of opened.splice(0)) await client.close()
})

/** A device of Bob's with the room open. */
async function device(roomId: string) {
  const one = await openTapped(server.url, 'bob')
  opened.push(one)
  const stop = one.chat.start()
  await becomes(one.chat.inbox.view, () => one.chat.inbox.countsOf(roomId) !== undefined)
  const marker = one.chat.readMarker(roomId)
  marker.start()
  const reads = () => one.sent.filter((path) => path === 'receipt.read').length
  const unreadIs = (unread: number, unreadMarks: number) =>
    becomes(one.chat.inbox.view, () => {
      const counts = one.chat.inbox.countsOf(roomId)
      return counts?.unread === unread && counts.unreadMarks === unreadMarks
    })
  return {
    ...one,
    marker,
    reads,
    unreadIs,
    leave: () => {
      marker.stop()
      stop()
    },
  }
}

async function newRoom() {
  for (const name of ['alice', 'bob']) await server.caller(name).auth.me()
  const { id } = await server.caller('alice').room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['bob'] })
  const say = (name = 'alice') => server.caller(name).message.send({ roomId: id, clientId: newId(), content: 'Hello' })
  const unread = async () => (await server.caller('bob').room.get({ roomId: id })).viewer.unread
  return { roomId: id, say, unread }
}

describe('a visit of a room', () => {
  test('reads nothing more once messages were marked as unread, on every device, until one writes or opens it again', async () => {
    const { roomId, say, unread } = await newRoom()
    const [here, there] = [await device(roomId), await device(roomId)]
    const first = await say()
    here.marker.seen(first.seq)
    there.marker.seen(first.seq)
    await expect.poll(unread).toBe(0)

    await here.chat.markUnread(roomId, first.seq)
    for (const each of [here, there]) await each.unreadIs(1, 1)
    const second = await say()
    for (const each of [here, there]) await each.unreadIs(2, 1)
    const before = [here.reads(), there.reads()]
    for (const { marker } of [here, there]) marker.seen(second.seq)
    // What a visit has not told yet it tells at its end, before this leaves.
    for (const { client, marker } of [here, there]) {
      marker.stop()
      await client.room.get.query({ roomId })
      marker.start()
    }
    expect([here.reads(), there.reads()]).toEqual(before)
    expect(await unread()).toBe(2)

    // Each of them has begun another visit, which the next mark is news to.
    await there.chat.markUnread(roomId, second.seq)
    for (const each of [here, there]) await each.unreadIs(2, 2)
    await say('bob')
    for (const each of [here, there]) await each.unreadIs(0, 2)
    const third = await say()
    for (const each of [here, there]) await each.unreadIs(1, 2)
    here.marker.seen(third.seq)
    for (const each of [here, there]) await each.unreadIs(0, 2)

    await here.chat.markUnread(roomId, third.seq)
    await there.unreadIs(1, 3)
    there.marker.resume()
    there.marker.seen(third.seq)
    await here.unreadIs(0, 3)
    for (const each of [here, there]) each.leave()
  })

  test('that was cut off does not read what another device has marked as unread meanwhile, and learns of it', async () => {
    const { roomId, say, unread } = await newRoom()
    const [here, there] = [await device(roomId), await device(roomId)]
    const { seq } = await say()
    here.marker.seen(seq)
    for (const each of [here, there]) await each.unreadIs(0, 0)
    const next = await say()
    await there.unreadIs(1, 0)
    there.goOffline(true)
    there.marker.seen(next.seq)
    there.marker.stop()
    await here.chat.markUnread(roomId, seq)
    await here.unreadIs(2, 1)
    there.goOffline(false)
    await there.unreadIs(2, 1)
    await expect.poll(there.reads, { timeout: 10_000 }).toBeGreaterThan(0)
    await there.client.room.get.query({ roomId })
    expect(await unread()).toBe(2)
    for (const each of [here, there]) each.leave()
  })
})
