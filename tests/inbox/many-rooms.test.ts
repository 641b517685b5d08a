import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** What an inbox follows live, and how many rooms there are beyond. */
const MAX_FOLLOWED = 1_000
const BEYOND = 10

/** Rooms of ada, the quietest first, where ben is, too. */
async function makeRooms(count: number): Promise<string[]> {
  const [ada] = [server.caller('ada'), await server.caller('ben').auth.me()]
  const make = async () => (await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })).id
  const rooms: string[] = []
  for (let index = 0; index < BEYOND; index++) rooms.push(await make())
  while (rooms.length < count) {
    rooms.push(...(await Promise.all(Array.from({ length: Math.min(50, count - rooms.length) }, make))))
  }
  return rooms
}

describe('an inbox of many rooms', () => {
  test('follows a bounded number live, finds the others by a look, and is right about all of them', async () => {
    const rooms = await makeRooms(MAX_FOLLOWED + BEYOND)
    const ada = server.caller('ada')
    const { feeds } = server.app.services
    const before = feeds.size
    const inbox = new FoldedInbox('ada', (signal) => server.app.createCaller({ userId: 'ada' }, { signal }))
    await inbox.until((state) => state.rooms.length === rooms.length)
    expect(feeds.size - before).toBeLessThanOrEqual(MAX_FOLLOWED)

    const say = (roomId: string) =>
      server.caller('ben').message.send({ roomId, clientId: randomUUID(), content: 'Hello' })
    const [quiet = '', other = '', third = ''] = rooms
    const latest = rooms.at(-1) ?? ''
    await Promise.all([quiet, latest].map(say))
    await inbox.until(({ unread }) => unread === 2)
    const added = inbox.events.filter((event) => event.type === 'room.added')
    expect(added.map(({ room }) => room.id)).toEqual([quiet])

    // It is followed from now on.
    await say(quiet)
    await inbox.until(({ unread }) => unread === 3)
    expect(inbox.events.at(-1)).toMatchObject({ type: 'message', roomId: quiet })

    // What others do with a room that is not followed.
    await ada.room.archive({ roomId: other })
    await ada.member.remove({ roomId: third, userId: 'ben' })
    await ada.message.send({ roomId: third, clientId: newId(), content: 'Alone' })
    await inbox.until((state) => state.rooms.length === rooms.length - 1)
    await inbox.until((state) => state.rooms.some(({ roomId, lastOrdinal }) => roomId === third && lastOrdinal === 1))
    const fresh = await ada.inbox.get()
    const byId = (one: { roomId: string }, two: { roomId: string }) => one.roomId.localeCompare(two.roomId)
    expect(inbox.inbox.rooms.toSorted(byId)).toEqual(fresh.rooms.toSorted(byId))
    expect(feeds.size - before).toBeLessThanOrEqual(MAX_FOLLOWED + 5)
    await inbox.stop()
  }, 120_000)
})
