import { describe, expect, test } from 'vitest'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

async function groupOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds })).id
}

/** A client's inbox, until it is stopped. */
const inboxOf = (userId: string) => new FoldedInbox(userId, (signal) => server.app.createCaller({ userId }, { signal }))

const say = (userId: string, roomId: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello' })

const listed = async (userId: string, input: { hidden?: boolean; limit?: number } = {}) => {
  const ids: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await server.caller(userId).room.list({ ...input, ...(cursor ? { cursor } : {}) })
    ids.push(...page.items.map((room) => room.id))
    cursor = page.nextCursor
  }
  return ids
}

describe('the settings of a room', () => {
  test('are the caller’s own, and what is not named stays', async () => {
    const roomId = await groupOf('ada', 'ben')
    const ada = await server.connect('ada')
    const { position, viewer } = await ada.room.get.query({ roomId })
    expect(viewer.settings).toEqual({ notifications: 'all', isPinned: false, isHidden: false, nickname: null })
    await ada.room.settings.mutate({ roomId, notifications: 'mentions' })
    const room = await ada.room.settings.mutate({ roomId, isPinned: true })
    expect(room.viewer.settings).toMatchObject({ notifications: 'mentions', isPinned: true, isHidden: false })
    expect((await server.caller('ben').room.get({ roomId })).viewer.settings).toEqual(viewer.settings)
    // Nobody else learns of it: the log stands where it stood.
    expect(room.position).toBe(position)
  })

  test('both changes of two that come at once stay', async () => {
    const roomId = await groupOf('ada')
    const { room } = server.caller('ada')
    await Promise.all([
      room.settings({ roomId, isPinned: true }),
      room.settings({ roomId, nickname: 'Countess', isHidden: true }),
      room.settings({ roomId, notifications: 'none' }),
    ])
    expect((await room.get({ roomId })).viewer.settings).toEqual({
      notifications: 'none',
      isPinned: true,
      isHidden: true,
      nickname: 'Countess',
    })
  })

  test('reach the caller’s other devices, and nobody else’s', async () => {
    const roomId = await groupOf('cleo', 'dov')
    const [other, dovs] = [inboxOf('cleo'), inboxOf('dov')]
    for (const inbox of [other, dovs]) await inbox.until(({ rooms }) => rooms.length === 1)
    await server.caller('cleo').room.settings({ roomId, isPinned: true, nickname: 'Cle' })
    await other.until(() => other.events.length === 2)
    expect(other.events.at(-1)).toMatchObject({ type: 'viewer', roomId, settings: { isPinned: true, nickname: 'Cle' } })
    expect(await server.caller('cleo').inbox.get()).toMatchObject(other.inbox)
    await say('cleo', roomId)
    await dovs.until(({ unread }) => unread === 1)
    expect(dovs.events.map((event) => event.type)).toEqual(['inbox.snapshot', 'message'])
    await Promise.all([other.stop(), dovs.stop()])
  })

  test('pinned rooms come first in the list, each part with the latest first, across pages', async () => {
    const rooms: string[] = []
    for (let count = 0; count < 6; count++) rooms.unshift(await groupOf('eve'))
    const [sixth = '', fifth = '', fourth = '', third = '', second = '', first = ''] = rooms
    for (const roomId of [first, fourth, fifth]) await server.caller('eve').room.settings({ roomId, isPinned: true })
    const expected = [fifth, fourth, first, sixth, third, second]
    expect(await listed('eve')).toEqual(expected)
    expect(await listed('eve', { limit: 2 })).toEqual(expected)
    await server.caller('eve').room.settings({ roomId: fifth, isPinned: false })
    expect(await listed('eve')).toEqual([fourth, first, sixth, fifth, third, second])
  })

  test('a hidden room is listed when asked for, and comes back with the next message', async () => {
    const [hidden, other] = [await groupOf('fay', 'gil'), await groupOf('fay', 'gil')]
    await say('gil', hidden)
    const room = await server.caller('fay').room.settings({ roomId: hidden, isHidden: true })
    expect(room.viewer.settings.isHidden).toBe(true)
    expect(await listed('fay')).toEqual([other])
    expect(await listed('fay', { hidden: true })).toEqual([hidden])
    expect(await listed('gil')).toHaveLength(2)

    await server.caller('gil').room.settings({ roomId: hidden, nickname: 'Gilbert' })
    expect(await listed('fay')).toEqual([other])
    await say('gil', hidden)
    expect(await listed('fay')).toEqual([hidden, other])
    expect((await server.caller('fay').room.get({ roomId: hidden })).viewer.settings.isHidden).toBe(false)
  })

  test('a hidden room comes back by itself when asked to, and when one joins it again', async () => {
    const roomId = await groupOf('hal', 'ida')
    const ida = server.caller('ida')
    await ida.room.settings({ roomId, isHidden: true })
    await ida.room.settings({ roomId, isHidden: false })
    expect(await listed('ida')).toEqual([roomId])
    await ida.room.settings({ roomId, isHidden: true, isPinned: true })
    await ida.room.leave({ roomId })
    await server.caller('hal').member.add({ roomId, userIds: ['ida'] })
    expect(await listed('ida')).toEqual([roomId])
    expect((await ida.room.get({ roomId })).viewer.settings).toMatchObject({ isPinned: true, isHidden: false })
  })
})

describe('a nickname', () => {
  test('is what everybody in that room calls the member, in messages too, and nowhere else', async () => {
    const [roomId, elsewhere] = [await groupOf('ada', 'ben'), await groupOf('ada', 'ben')]
    await say('ben', roomId)
    const ada = server.caller('ada')
    const { position } = await ada.room.changes({ roomId })
    await server.caller('ben').room.settings({ roomId, nickname: 'Benny' })
    const { events } = await ada.room.changes({ roomId, after: position })
    expect(events).toMatchObject([{ type: 'member.updated', member: { userId: 'ben', user: { name: 'Benny' } } }])
    expect((await ada.message.list({ roomId })).items).toMatchObject([{ sender: { id: 'ben', name: 'Benny' } }])
    expect((await say('ben', roomId)).sender.name).toBe('Benny')
    expect((await ada.room.snapshot({ roomId: elsewhere })).members).toMatchObject([{}, { user: { name: 'ben' } }])
    expect((await ada.user.get({ userId: 'ben' })).name).toBe('ben')
  })

  test('outlasts a changed profile and a re-join; without it the name is the user’s as it is then', async () => {
    const roomId = await groupOf('ada', 'jon')
    const jon = server.caller('jon')
    const nameInRoom = async () => {
      await server.app.services.profiles.settled()
      const { members } = await server.caller('ada').room.snapshot({ roomId })
      return members.find((member) => member.userId === 'jon')?.user.name
    }
    await jon.room.settings({ roomId, nickname: 'Jonny' })
    await jon.user.update({ name: 'Jonathan' })
    expect(await nameInRoom()).toBe('Jonny')
    await jon.room.leave({ roomId })
    await server.caller('ada').member.add({ roomId, userIds: ['jon'] })
    expect(await nameInRoom()).toBe('Jonny')
    await jon.room.settings({ roomId, nickname: null })
    expect(await nameInRoom()).toBe('Jonathan')
    await jon.user.update({ name: 'John' })
    expect(await nameInRoom()).toBe('John')
  })

  test('that is the same again changes nothing; an archived room takes no other, but is pinned and hidden', async () => {
    const roomId = await groupOf('ada')
    const { room } = server.caller('ada')
    const { position } = await room.settings({ roomId, nickname: 'Countess' })
    await room.archive({ roomId })
    const archived = await room.settings({ roomId, nickname: 'Countess', isPinned: true, isHidden: true })
    expect(archived.viewer.settings).toMatchObject({ isPinned: true, isHidden: true })
    expect(archived.lastSeq).toBe(Number(position.split('.')[1]) + 1)
    await expect(room.settings({ roomId, nickname: 'Ada', isPinned: false })).rejects.toMatchObject({
      reason: 'ROOM_ARCHIVED',
    })
    expect((await room.get({ roomId })).viewer.settings).toMatchObject({ nickname: 'Countess', isPinned: true })
  })
})
