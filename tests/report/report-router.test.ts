import { describe, expect, test } from 'vitest'
import { raced } from '../support/raced.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const host = () => server.caller('host', { role: 'service' })

/** Ada owns the room, Ben moderates it, Cleo and Dov are members; Dov has said something. */
async function furnish() {
  const names = ['ada', 'ben', 'cleo', 'dov']
  for (const name of names) await server.caller(name).auth.me()
  const { id: roomId } = await server
    .caller('ada')
    .room.create({ kind: 'group', name: 'Engine room', memberIds: names.slice(1) })
  await server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'moderator' })
  const { id: messageId } = await server.caller('dov').message.send({ roomId, clientId: newId(), content: 'Buy now' })
  return { roomId, messageId }
}

const reportBy = (userId: string, ids: { roomId: string; messageId: string }) =>
  server.caller(userId).report.create({ ...ids, reason: 'spam' })
const audited = async (roomId: string) =>
  (await server.caller('ada').audit.list({ roomId })).items.map(({ action, userId }) => [action, userId])

describe('report.create', () => {
  test('shows a message to the moderators as it was, whatever becomes of it', async () => {
    const ids = await furnish()
    const [cleo, ben, dov] = [await server.connect('cleo'), await server.connect('ben'), server.caller('dov')]
    const made = await cleo.report.create.mutate({ ...ids, reason: 'other', text: 'He sells things,\nagain' })
    await dov.message.edit({ ...ids, content: 'Good morning' })
    await dov.message.delete(ids)
    const { items } = await ben.report.list.query({ roomId: ids.roomId })
    expect(items).toEqual([made])
    expect(made).toMatchObject({
      ...ids,
      senderId: 'dov',
      reporterId: 'cleo',
      reason: 'other',
      text: 'He sells things,\nagain',
      content: 'Buy now',
      status: 'open',
      action: null,
      resolvedAt: null,
    })
  })

  test('the same user’s second report is the first one, also at once; another user’s is another', async () => {
    const ids = await furnish()
    const made = await Promise.all(Array.from({ length: 8 }, () => reportBy('cleo', ids)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    await reportBy('ada', ids)
    expect((await server.caller('ben').report.list({ roomId: ids.roomId })).items).toHaveLength(2)
  })

  test('its second answer says what came of it, and neither who decided nor what moderators noted', async () => {
    const ids = await furnish()
    const { id: reportId } = await reportBy('cleo', ids)
    const note = 'Dov again'
    await server.caller('ben').report.resolve({ roomId: ids.roomId, reportId, action: 'dismiss', note })
    expect(await reportBy('cleo', ids)).toMatchObject({
      status: 'resolved',
      action: 'dismiss',
      note: null,
      resolvedBy: null,
    })
    const { items } = await server.caller('ben').report.list({ roomId: ids.roomId })
    expect(items).toMatchObject([{ note, resolvedBy: 'ben' }])
  })

  test('a message that is not theirs to see can not be reported', async () => {
    const ids = await furnish()
    await server.caller('eve').auth.me()
    await expect(reportBy('eve', ids)).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await server.caller('ada').room.update({ roomId: ids.roomId, historyVisibility: 'joined' })
    await server.caller('ada').member.add({ roomId: ids.roomId, userIds: ['eve'] })
    await expect(reportBy('eve', ids)).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  })
})

describe('report.list', () => {
  test('is paged, latest first, by status, and for a service over all rooms that are there', async () => {
    const [first, second, gone] = [await furnish(), await furnish(), await furnish()]
    const made = [await reportBy('cleo', first), await reportBy('ada', first), await reportBy('cleo', second)]
    const lost = await reportBy('cleo', gone)
    await server.caller('ada').room.delete({ roomId: gone.roomId })
    const resolved = await host().report.resolve({ reportId: made[0]?.id ?? '', action: 'dismiss' })

    const { report } = server.caller('ben')
    expect((await report.list({ roomId: first.roomId })).items).toEqual([made[1], resolved])
    expect((await report.list({ roomId: first.roomId, status: 'open' })).items).toEqual([made[1]])
    expect((await report.list({ roomId: first.roomId, status: 'resolved' })).items).toEqual([resolved])
    const page = await host().report.list({ status: 'open', limit: 1 })
    expect(page.items).toEqual([made[2]])
    const next = await host().report.list({ status: 'open', limit: 1, cursor: page.nextCursor ?? '' })
    expect(next.items).toEqual([made[1]])
    const refused = { reason: 'NOT_FOUND' }
    await expect(host().report.resolve({ reportId: lost.id, action: 'dismiss' })).rejects.toMatchObject(refused)
  })
})

describe('a moderator who came later, into a room that shows history from joining on', () => {
  test('neither sees what was reported of the time before nor resolves it; of the time since, both', async () => {
    const ids = await furnish()
    const { roomId } = ids
    const { room, member, report } = server.caller('ada')
    await room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('eve').auth.me()
    const before = await reportBy('cleo', ids)
    await member.add({ roomId, userIds: ['eve'] })
    await member.setRole({ roomId, userId: 'eve', role: 'moderator' })
    const later = await reportBy('ada', ids)
    const { id: messageId } = await server
      .caller('dov')
      .message.send({ roomId, clientId: newId(), content: 'Buy later' })
    const since = await reportBy('cleo', { roomId, messageId })

    const eve = await server.connect('eve')
    expect((await eve.report.list.query({ roomId })).items).toEqual([since])
    expect((await eve.report.list.query({ roomId, limit: 1 })).nextCursor).toBeNull()
    for (const action of ['dismiss', 'deleteMessage', 'banMember'] as const) {
      const resolve = eve.report.resolve.mutate({ roomId, reportId: before.id, action })
      await expect(resolve, action).rejects.toMatchObject({ data: { reason: 'NOT_FOUND' } })
    }
    expect((await report.list({ roomId })).items).toEqual([since, later, before])
    expect((await host().report.list({ roomId, status: 'open' })).items).toHaveLength(3)
    const resolved = await eve.report.resolve.mutate({ roomId, reportId: since.id, action: 'dismiss' })
    expect((await eve.report.list.query({ roomId, status: 'resolved' })).items).toEqual([resolved])
    expect(await report.resolve({ roomId, reportId: before.id, action: 'deleteMessage' })).toMatchObject({
      content: 'Buy now',
    })
  })
})

describe('a moderator', () => {
  test.each(['ada', 'cleo', 'eve'])(
    'deletes what %s said, by a report or without, whatever the role; and is named',
    async (author) => {
      const { roomId } = await furnish()
      const { member, message, audit } = server.caller('ada')
      await server.caller('eve').auth.me()
      await member.add({ roomId, userIds: ['eve'] })
      await member.setRole({ roomId, userId: 'cleo', role: 'admin' })
      await member.setRole({ roomId, userId: 'eve', role: 'moderator' })
      const say = () => server.caller(author).message.send({ roomId, clientId: newId(), content: 'Hello' })
      const [first, second] = [await say(), await say()]
      const ben = server.caller('ben')
      await ben.message.delete({ roomId, messageId: first.id })
      const { id: reportId } = await reportBy('dov', { roomId, messageId: second.id })
      await ben.report.resolve({ roomId, reportId, action: 'deleteMessage' })
      for (const { id: messageId } of [first, second]) {
        expect(await message.get({ roomId, messageId })).toMatchObject({ content: '', deletedAt: expect.any(Date) })
      }
      expect((await audit.list({ roomId, action: 'message.delete' })).items).toMatchObject([
        { actorId: 'ben', userId: author, messageId: second.id },
        { actorId: 'ben', userId: author, messageId: first.id },
      ])
      // A person is another matter: ranks hold there.
      const third = await reportBy('dov', { roomId, messageId: (await say()).id })
      const remove = ben.report.resolve({ roomId, reportId: third.id, action: 'removeMember' })
      await expect(remove).rejects.toMatchObject({ reason: 'FORBIDDEN' })
      await expect(ben.member.mute({ roomId, userId: author })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
    },
  )
})

describe('report.resolve', () => {
  test('dismisses, deletes, removes or bans, and writes both acts down', async () => {
    const { roomId, ...rest } = await furnish()
    const ids = { roomId, ...rest }
    const ben = await server.connect('ben')
    const send = async () =>
      (await server.caller('dov').message.send({ roomId, clientId: newId(), content: 'Buy more' })).id
    const resolve = async (messageId: string, action: 'dismiss' | 'deleteMessage' | 'removeMember' | 'banMember') => {
      const { id: reportId } = await reportBy('cleo', { roomId, messageId })
      return ben.report.resolve.mutate({ reportId, roomId, action, note: 'Seen' })
    }
    expect(await resolve(ids.messageId, 'dismiss')).toMatchObject({
      status: 'resolved',
      action: 'dismiss',
      note: 'Seen',
      resolvedBy: 'ben',
      resolvedAt: expect.any(Date),
    })
    const [deleted, removed, banned] = [await send(), await send(), await send()]
    await resolve(deleted, 'deleteMessage')
    expect(await ben.message.get.query({ roomId, messageId: deleted })).toMatchObject({ content: '' })
    await resolve(removed, 'removeMember')
    await expect(send()).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await resolve(banned, 'banMember')
    await expect(server.caller('ada').member.add({ roomId, userIds: ['dov'] })).rejects.toMatchObject({
      reason: 'MEMBER_BANNED',
    })
    expect((await audited(roomId)).filter(([action]) => !/^(room|member\.setRole)/.test(action ?? ''))).toEqual([
      ['report.resolve', 'dov'],
      ['member.ban', 'dov'],
      ['report.resolve', 'dov'],
      ['member.remove', 'dov'],
      ['report.resolve', 'dov'],
      ['message.delete', 'dov'],
      ['report.resolve', 'dov'],
    ])
  })

  test('by two moderators at once is done once; the second one is told', async () => {
    const ids = await furnish()
    const { id: reportId } = await reportBy('cleo', ids)
    const results = await raced(
      server.database.url,
      ids.roomId,
      () => server.caller('ben').report.resolve({ reportId, action: 'deleteMessage' }),
      () => server.caller('ada').report.resolve({ reportId, action: 'banMember' }),
    )
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { resolvedBy: 'ben', action: 'deleteMessage' } },
      { status: 'rejected', reason: { reason: 'REPORT_RESOLVED' } },
    ])
    expect((await server.caller('ada').member.banned({ roomId: ids.roomId })).items).toEqual([])
  })

  test('that may not do what it says does nothing: the report stays open', async () => {
    const { roomId } = await furnish()
    const { id: messageId } = await server
      .caller('ada')
      .message.send({ roomId, clientId: newId(), content: 'I own this room' })
    const { id: reportId } = await reportBy('dov', { roomId, messageId })
    const before = await audited(roomId)
    for (const action of ['removeMember', 'banMember'] as const) {
      await expect(server.caller('ben').report.resolve({ reportId, action })).rejects.toMatchObject({
        reason: 'FORBIDDEN',
      })
    }
    expect((await server.caller('ben').report.list({ roomId })).items).toMatchObject([{ status: 'open', action: null }])
    expect(await audited(roomId)).toEqual(before)
  })

  test('of a direct conversation is the service’s, which may delete but not remove', async () => {
    await furnish()
    const { id: roomId } = await server.caller('dov').room.direct({ userId: 'cleo' })
    const { id: messageId } = await server.caller('dov').message.send({ roomId, clientId: newId(), content: 'Buy!' })
    const { id: reportId } = await reportBy('cleo', { roomId, messageId })
    const resolve = (action: 'banMember' | 'deleteMessage') => host().report.resolve({ reportId, roomId, action })
    await expect(resolve('banMember')).rejects.toMatchObject({ reason: 'DIRECT_ROOM' })
    await expect(server.caller('cleo').report.resolve({ reportId, action: 'dismiss' })).rejects.toMatchObject({
      reason: 'FORBIDDEN',
    })
    expect(await resolve('deleteMessage')).toMatchObject({ status: 'resolved' })
    expect(await server.caller('cleo').message.get({ roomId, messageId })).toMatchObject({ content: '' })
  })
})
