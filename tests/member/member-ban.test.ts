import { describe, expect, test } from 'vitest'
import { EventLog } from '../support/event-log.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const HOUR = 3_600_000

const { roomOf, channelOf } = server

/** Lets a ban end now: no test waits for it. */
const endNow = (roomId: string, userId: string) =>
  server.app.services.database.db
    .updateTable('members')
    .set({ banned_until: new Date(Date.now() - 1) })
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .execute()

describe('member.ban', () => {
  test('removes a member, ends their streams, and lets them in by no way', async () => {
    const roomId = await channelOf('ada', 'ben')
    const [ada, ben] = [await server.connect('ada'), await server.connect('ben')]
    const log = await new EventLog(ben, roomId).until(({ events }) => events.length === 1)
    const banned = await ada.member.ban.mutate({ roomId, userId: 'ben', reason: 'Sold things' })
    expect(banned).toMatchObject({ userId: 'ben', leftAt: expect.any(Date) })
    await log.until(({ failure }) => failure !== undefined)
    expect(log.failure).toMatchObject({ data: { reason: 'NOT_A_MEMBER' } })

    const refused = { data: { reason: 'MEMBER_BANNED' } }
    await expect(ben.room.join.mutate({ roomId })).rejects.toMatchObject(refused)
    await expect(ada.member.add.mutate({ roomId, userIds: ['ben'] })).rejects.toMatchObject(refused)
    await expect(ben.message.send.mutate({ roomId, clientId: newId(), content: 'Hello?' })).rejects.toMatchObject({
      data: { reason: 'NOT_A_MEMBER' },
    })
    const { items } = await ada.member.banned.query({ roomId })
    expect(items).toEqual([
      { member: banned, bannedAt: expect.any(Date), bannedUntil: null, bannedBy: 'ada', reason: 'Sold things' },
    ])
  })

  test('is told to the one who is banned, also of a private room, until it has passed or the room is gone', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    await server.caller('cleo').auth.me()
    await ada.member.ban({ roomId, userId: 'ben', until: new Date(Date.now() + HOUR) })
    const asked = { reason: 'MEMBER_BANNED', retryAfterMs: expect.any(Number) }
    await expect(ben.room.get({ roomId })).rejects.toMatchObject(asked)
    for (const ask of [() => ben.room.snapshot({ roomId }), () => server.caller('cleo').room.get({ roomId })]) {
      await expect(ask()).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    }
    await endNow(roomId, 'ben')
    await expect(ben.room.get({ roomId })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await ada.member.ban({ roomId, userId: 'ben' })
    await expect(ben.room.get({ roomId })).rejects.toMatchObject({ reason: 'MEMBER_BANNED', retryAfterMs: undefined })
    await ada.room.delete({ roomId })
    await expect(ben.room.get({ roomId })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  })

  test('of one among several who are to be added, nobody is added', async () => {
    const roomId = await roomOf('ada', 'ben')
    await server.caller('cleo').auth.me()
    await server.caller('ada').member.ban({ roomId, userId: 'ben' })
    await expect(server.caller('ada').member.add({ roomId, userIds: ['cleo', 'ben'] })).rejects.toMatchObject({
      reason: 'MEMBER_BANNED',
      message: expect.stringContaining('ben'),
    })
    expect((await server.caller('ada').room.get({ roomId })).memberCount).toBe(1)
  })

  test('passes by itself, says until when, and leaves nothing behind', async () => {
    const roomId = await channelOf('ada', 'ben')
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    const until = new Date(Date.now() + HOUR)
    await ada.member.ban({ roomId, userId: 'ben', until })
    const refusal: unknown = await ben.room.join({ roomId }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ reason: 'MEMBER_BANNED', retryAfterMs: expect.any(Number) })
    expect(Object(refusal).retryAfterMs).toBeGreaterThan(HOUR - 60_000)
    expect(Object(refusal).retryAfterMs).toBeLessThanOrEqual(HOUR)
    expect((await ada.member.banned({ roomId })).items).toMatchObject([{ bannedUntil: until }])

    await endNow(roomId, 'ben')
    expect((await ada.member.banned({ roomId })).items).toEqual([])
    expect(await ben.room.join({ roomId })).toMatchObject({ userId: 'ben', leftAt: null, role: 'member' })
    await ben.room.leave({ roomId })
    expect(await ben.room.join({ roomId })).toMatchObject({ leftAt: null })
  })

  test('member.unban lets a member back in', async () => {
    const roomId = await channelOf('ada', 'ben')
    const ada = server.caller('ada')
    await ada.member.ban({ roomId, userId: 'ben' })
    expect(await ada.member.unban({ roomId, userId: 'ben' })).toMatchObject({ userId: 'ben' })
    expect(await server.caller('ben').room.join({ roomId })).toMatchObject({ leftAt: null })
  })

  test('of who has left already keeps them from coming back, and is not seen in the log', async () => {
    const roomId = await channelOf('ada', 'ben')
    const ada = server.caller('ada')
    await server.caller('ben').room.leave({ roomId })
    const { position } = await ada.room.changes({ roomId })
    await ada.member.ban({ roomId, userId: 'ben' })
    expect(await ada.room.changes({ roomId, after: position })).toMatchObject({ events: [], position })
    await expect(server.caller('ben').room.join({ roomId })).rejects.toMatchObject({ reason: 'MEMBER_BANNED' })
    await ada.member.ban({ roomId, userId: 'ben', until: new Date(Date.now() + HOUR), reason: 'Once more' })
    expect((await ada.member.banned({ roomId })).items).toMatchObject([{ reason: 'Once more' }])
  })

  test('goes by rank, spares whoever never was there, and knows no direct rooms', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo', 'dov')
    await server.caller('eve').auth.me()
    const ada = server.caller('ada')
    for (const userId of ['ben', 'cleo']) await ada.member.setRole({ roomId, userId, role: 'moderator' })
    const ben = server.caller('ben')
    await expect(ben.member.ban({ roomId, userId: 'cleo' })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
    await expect(ben.member.ban({ roomId, userId: 'ben' })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
    await expect(ben.member.ban({ roomId, userId: 'eve' })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await expect(server.caller('dov').member.banned({ roomId })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
    const { id: direct } = await ada.room.direct({ userId: 'ben' })
    const host = server.caller('host', { role: 'service' })
    await expect(host.member.ban({ roomId: direct, userId: 'ben' })).rejects.toMatchObject({ reason: 'DIRECT_ROOM' })
  })

  test('is listed latest first, page by page', async () => {
    const names = ['ada', 'ben', 'cleo', 'dov', 'eve']
    const roomId = await roomOf(...names)
    const ada = server.caller('ada')
    for (const userId of names.slice(1)) await ada.member.ban({ roomId, userId })
    const first = await ada.member.banned({ roomId, limit: 3 })
    const second = await ada.member.banned({ roomId, limit: 3, cursor: first.nextCursor ?? '' })
    expect(second.nextCursor).toBeNull()
    const listed = [...first.items, ...second.items].map(({ member }) => member.userId)
    expect(listed).toEqual(['eve', 'dov', 'cleo', 'ben'])
  })
})
