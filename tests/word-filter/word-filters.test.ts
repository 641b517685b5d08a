import { beforeEach, describe, expect, test } from 'vitest'
import type { BusMessage } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import type { FilterAction } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { newId, useTestApp } from '../support/test-app.ts'

/** A bus that loses what is said of filters while a test wants it to. */
let isLossy = false
class LossyBus extends MemoryBus {
  override publish(channel: string, message: BusMessage): void {
    if (!isLossy || message.type !== 'wordFilter.changed') super.publish(channel, message)
  }
}

const server = useTestApp({}, { bus: (log) => new LossyBus(log), reconcileMs: 100 })
const host = () => server.caller('host', { role: 'service' })

const { roomOf } = server

const say = (userId: string, roomId: string, content: string, clientId = newId()) =>
  server.caller(userId).message.send({ roomId, clientId, content })
const filter = (roomId: string, pattern: string, action: FilterAction) =>
  server.caller('ada').wordFilter.update({ roomId, words: [{ pattern, action }] })
const REFUSED = { reason: 'CONTENT_REFUSED' }

beforeEach(async () => {
  isLossy = false
  await host().wordFilter.update({ words: [] })
})

describe('a room’s filter', () => {
  test('is set and read by its admins, and replaced as a whole', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ada = await server.connect('ada')
    expect(await ada.wordFilter.get.query({ roomId })).toEqual({ roomId, words: [], updatedAt: null })
    const words = [
      { pattern: 'darn', action: 'mask' as const },
      { pattern: 'spam*', action: 'refuse' as const },
    ]
    const set = await ada.wordFilter.update.mutate({ roomId, words })
    expect(await ada.wordFilter.get.query({ roomId })).toEqual(set)
    expect(set.words).toEqual(words)
    await expect(say('ben', roomId, 'Spamming')).rejects.toMatchObject(REFUSED)
    await ada.wordFilter.update.mutate({ roomId, words: [] })
    expect(await say('ben', roomId, 'Spamming')).toMatchObject({ content: 'Spamming' })
  })

  test('masks what is stored and told, and a repetition is still the original', async () => {
    const roomId = await roomOf('ada', 'ben')
    await filter(roomId, 'darn', 'mask')
    const log = await new EventLog(await server.connect('ada'), roomId).until(({ events }) => events.length === 1)
    const clientId = newId()
    const sent = await say('ben', roomId, 'Well, D\u200barn!', clientId)
    expect(sent.content).toBe('Well, *****!')
    await log.until(({ contents }) => contents.length === 1)
    expect(log.contents).toEqual(['Well, *****!'])
    expect(await say('ben', roomId, 'Well, D\u200barn!', clientId)).toEqual(sent)
    await expect(say('ben', roomId, 'Well, *****!', clientId)).rejects.toMatchObject({ reason: 'CLIENT_ID_REUSED' })
    await filter(roomId, 'other', 'mask')
    expect(await say('ben', roomId, 'Well, D\u200barn!', clientId)).toEqual(sent)
    log.stop()
  })

  test('that refuses lets a repetition of what was sent before through, and nothing else', async () => {
    const roomId = await roomOf('ada', 'ben')
    const clientId = newId()
    const sent = await say('ben', roomId, 'Darn', clientId)
    await filter(roomId, 'darn', 'refuse')
    expect(await say('ben', roomId, 'Darn', clientId)).toEqual(sent)
    await expect(say('ben', roomId, 'Darn')).rejects.toMatchObject(REFUSED)
    await expect(say('ben', roomId, 'Darn, darn', clientId)).rejects.toMatchObject({ reason: 'CLIENT_ID_REUSED' })
    expect((await server.caller('ada').message.list({ roomId })).items).toEqual([sent])
  })

  test('holds for edits too', async () => {
    const roomId = await roomOf('ada', 'ben')
    const { id: messageId } = await say('ben', roomId, 'Hello')
    const edit = (content: string) => server.caller('ben').message.edit({ roomId, messageId, content })
    await filter(roomId, 'darn', 'mask')
    const edited = await edit('Hello, darn')
    expect(edited.content).toBe('Hello, ****')
    expect(await edit('Hello, darn')).toEqual(edited)
    await filter(roomId, 'darn', 'refuse')
    await expect(edit('Darn')).rejects.toMatchObject(REFUSED)
    await filter(roomId, 'darn', 'flag')
    expect(await edit('Darn it')).toMatchObject({ content: 'Darn it' })
    expect((await server.caller('ada').report.list({ roomId })).items).toMatchObject([
      { messageId, reporterId: null, reason: 'filter', content: 'Darn it', senderId: 'ben' },
    ])
  })

  test('holds for what is forwarded into the room', async () => {
    const [from, roomId] = [await roomOf('ada', 'ben'), await roomOf('ada', 'ben')]
    const { id: messageId } = await say('ben', from, 'Darn')
    const forward = () =>
      server.caller('ben').message.forward({ roomId: from, messageId, toRoomId: roomId, clientId: newId() })
    await filter(roomId, 'darn', 'mask')
    expect(await forward()).toMatchObject({ roomId, content: '****' })
    await filter(roomId, 'darn', 'refuse')
    await expect(forward()).rejects.toMatchObject(REFUSED)
  })

  test('that flags shows the message to the moderators: once, and only where it was written', async () => {
    const roomId = await roomOf('ada', 'ben')
    await server.caller('eve').auth.me()
    await filter(roomId, 'darn', 'flag')
    const clientId = newId()
    const sent = await say('ben', roomId, 'Darn', clientId)
    expect(sent.content).toBe('Darn')
    await say('ben', roomId, 'Darn', clientId)
    await server.caller('ada').member.mute({ roomId, userId: 'ben' })
    await expect(say('ben', roomId, 'Darn again')).rejects.toMatchObject({ reason: 'MUTED' })
    await expect(say('eve', roomId, 'Darn')).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    const { items } = await server.caller('ada').report.list({ roomId })
    expect(items).toMatchObject([{ messageId: sent.id, reporterId: null, reason: 'filter', content: 'Darn' }])
    const rows = await server.app.services.database.db
      .selectFrom('reports')
      .select('message_id')
      .where('room_id', '=', roomId)
      .execute()
    expect(rows).toEqual([{ message_id: sent.id }])
    await server.caller('ada').report.resolve({ reportId: items[0]?.id ?? '', action: 'deleteMessage' })
    expect(await server.caller('ada').message.get({ roomId, messageId: sent.id })).toMatchObject({ content: '' })
  })

  test('a flag whose message was never written is seen by nobody', async () => {
    const roomId = await roomOf('ada', 'ben')
    await server.app.services.database.db
      .insertInto('reports')
      .values({
        tenant_id: 'default',
        id: newId(),
        room_id: roomId,
        message_id: newId(),
        sender_id: 'ben',
        reason: 'filter',
        content: 'Lost',
      })
      .execute()
    expect((await server.caller('ada').report.list({ roomId })).items).toEqual([])
  })

  test('tells nothing to whoever may not see the room', async () => {
    const roomId = await roomOf('ada', 'ben')
    await server.caller('eve').auth.me()
    await filter(roomId, 'darn', 'refuse')
    await expect(say('eve', roomId, 'Darn')).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await expect(say('ben', newId(), 'Darn')).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await expect(server.caller('ben').wordFilter.get({ roomId })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
  })

  test('is not for direct conversations; the tenant’s holds there', async () => {
    await roomOf('ada', 'ben')
    const { id: roomId } = await server.caller('ada').room.direct({ userId: 'ben' })
    const update = host().wordFilter.update({ roomId, words: [] })
    await expect(update).rejects.toMatchObject({ reason: 'DIRECT_ROOM' })
    await host().wordFilter.update({ words: [{ pattern: 'darn', action: 'refuse' }] })
    await expect(say('ben', roomId, 'Darn')).rejects.toMatchObject(REFUSED)
  })
})

describe('a tenant’s filter', () => {
  test('holds in every room beside the room’s own, and in no other tenant', async () => {
    const roomId = await roomOf('ada', 'ben')
    await filter(roomId, 'darn', 'mask')
    await host().wordFilter.update({ words: [{ pattern: 'heck', action: 'mask' }] })
    expect(await say('ben', roomId, 'darn heck')).toMatchObject({ content: '**** ****' })
    const elsewhere = server.caller('zoe', { tenant: 'elsewhere' })
    const room = await elsewhere.room.create({ kind: 'group', name: 'Elsewhere' })
    const sent = await elsewhere.message.send({ roomId: room.id, clientId: newId(), content: 'heck' })
    expect(sent.content).toBe('heck')
  })

  test('holds for what is sent in somebody’s name', async () => {
    const roomId = await roomOf('ada', 'ben')
    await host().wordFilter.update({ words: [{ pattern: 'heck', action: 'refuse' }] })
    const sending = host().message.send({ roomId, clientId: newId(), content: 'Heck', asUserId: 'ben' })
    await expect(sending).rejects.toMatchObject(REFUSED)
  })
})

describe('a changed filter', () => {
  test('holds for the next send, also where one was read just then', async () => {
    const roomId = await roomOf('ada', 'ben')
    for (let round = 0; round < 20; round++) {
      const word = `word${round}`
      const early = Promise.allSettled([say('ben', roomId, word), say('ben', roomId, word)])
      await filter(roomId, word, 'refuse')
      await expect(say('ben', roomId, word)).rejects.toMatchObject(REFUSED)
      await early
    }
  })

  test('that the bus did not tell of is found by the poll', async () => {
    const roomId = await roomOf('ada', 'ben')
    await say('ben', roomId, 'Darn')
    isLossy = true
    await filter(roomId, 'darn', 'refuse')
    const isRefused = () =>
      say('ben', roomId, 'Darn').then(
        () => false,
        () => true,
      )
    while (!(await isRefused())) await server.caller('ben').room.get({ roomId })
    await expect(say('ben', roomId, 'Darn')).rejects.toMatchObject(REFUSED)
  })

  test('of two at once, one is there as a whole', async () => {
    const roomId = await roomOf('ada', 'ben')
    const set = await Promise.all(['one', 'two', 'three', 'four'].map((word) => filter(roomId, word, 'refuse')))
    const { words } = await server.caller('ada').wordFilter.get({ roomId })
    expect(set.map((each) => each.words)).toContainEqual(words)
    await expect(say('ben', roomId, words[0]?.pattern ?? '')).rejects.toMatchObject(REFUSED)
  })
})
