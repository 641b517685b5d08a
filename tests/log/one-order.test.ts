import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { raced } from '../support/raced.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

describe('one order for all', () => {
  test('fifty sends at once from two clients arrive at both in the same order, without a gap', async () => {
    const roomId = await roomOf('ada', 'ben')
    const clients = [await server.connect('ada'), await server.connect('ben')]
    const logs = clients.map((client) => new EventLog(client, roomId))
    await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))

    const sends = clients.flatMap((client, sender) =>
      Array.from({ length: 25 }, (_, index) =>
        client.message.send.mutate({ roomId, clientId: newId(), content: `number ${index} of ${sender}` }),
      ),
    )
    const sent = await Promise.all(sends)
    await Promise.all(logs.map((log) => log.until(({ contents }) => contents.length === 50)))

    const bySeq = sent.toSorted((a, b) => a.seq - b.seq)
    for (const log of logs) {
      expect(log.contents).toEqual(bySeq.map((message) => message.content))
      expect(gaps(log.events)).toEqual([])
      log.stop()
    }
    expect(bySeq.map((message) => message.ordinal)).toEqual(bySeq.map((_, index) => index + 1))
  })

  test('the same send again gives the original, also after an edit and a delete; another content is refused', async () => {
    const roomId = await roomOf('ada')
    const { message } = server.caller('ada')
    const clientId = newId()
    const [first, second] = await Promise.all([
      message.send({ roomId, clientId, content: 'Once' }),
      message.send({ roomId, clientId, content: 'Once' }),
    ])
    expect(second).toEqual(first)
    const edited = await message.edit({ roomId, messageId: first.id, content: 'Twice' })
    expect(await message.send({ roomId, clientId, content: 'Once' })).toEqual(edited)
    await message.delete({ roomId, messageId: first.id })
    expect(await message.send({ roomId, clientId, content: 'Once' })).toMatchObject({ id: first.id, content: '' })
    await expect(message.send({ roomId, clientId, content: 'Other' })).rejects.toMatchObject({
      reason: 'CLIENT_ID_REUSED',
    })
    expect((await server.caller('ada').message.list({ roomId })).items).toHaveLength(1)
  })

  test('two who ask for their direct room at once, from both sides, get the same one', async () => {
    await roomOf('eve', 'finn')
    const asked = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0
          ? server.caller('eve').room.direct({ userId: 'finn' })
          : server.caller('finn').room.direct({ userId: 'eve' }),
      ),
    )
    expect(new Set(asked.map((room) => room.id)).size).toBe(1)
    expect(asked[0]).toMatchObject({ kind: 'direct', name: null, memberCount: 2, peer: { id: 'finn' } })
  })
})

describe('a send raced against the removal of its sender', () => {
  test('after the removal it is refused, though it was asked for while the sender was a member', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [removal, send] = await raced(
      server.database.url,
      roomId,
      () => server.caller('ada').member.remove({ roomId, userId: 'ben' }),
      () => server.caller('ben').message.send({ roomId, clientId: newId(), content: 'Too late' }),
    )
    expect(removal?.status).toBe('fulfilled')
    expect(send).toMatchObject({ status: 'rejected', reason: expect.any(ChatError) })
    expect((await server.caller('ada').message.list({ roomId })).items).toEqual([])
  })

  test('before the removal it stands, and lies before it in the order', async () => {
    const roomId = await roomOf('ada', 'ben')
    const before = await server.caller('ada').room.changes({ roomId })
    const [send] = await raced(
      server.database.url,
      roomId,
      () => server.caller('ben').message.send({ roomId, clientId: newId(), content: 'In time' }),
      () => server.caller('ada').member.remove({ roomId, userId: 'ben' }),
    )
    expect(send).toMatchObject({ status: 'fulfilled', value: { content: 'In time' } })
    const { events } = await server.caller('ada').room.changes({ roomId, after: before.position })
    expect(events.map((event) => event.type)).toEqual(['message.created', 'member.left'])
  })
})

describe('a stream ends with the right to it', () => {
  test('a removed member’s stream ends, and shows nothing of what comes after', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = await server.connect('ben')
    const log = await new EventLog(ben, roomId).until(({ events }) => events.length === 1)
    await server.caller('ada').member.remove({ roomId, userId: 'ben' })
    await server.caller('ada').message.send({ roomId, clientId: newId(), content: 'Now that he is gone' })
    await log.until(({ failure }) => failure !== undefined)
    expect(log.failure).toMatchObject({ data: { reason: 'NOT_A_MEMBER' } })
    expect(log.contents).toEqual([])
  })

  test('room.deleted is the last event of a room, and then it is not there', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = await server.connect('ben')
    const log = await new EventLog(ben, roomId).until(({ events }) => events.length === 1)
    await server.caller('ada').room.delete({ roomId })
    await log.until(({ isComplete }) => isComplete)
    expect(log.events.at(-1)).toMatchObject({ type: 'room.deleted', room: { id: roomId } })
    await expect(server.caller('ada').room.get({ roomId })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  })
})

describe('history that starts with joining', () => {
  test('shows a newcomer what comes after, and hides changes of what came before', async () => {
    const roomId = await roomOf('ada', 'ben')
    await server.caller('cleo').auth.me()
    const ada = server.caller('ada')
    const early = await ada.message.send({ roomId, clientId: newId(), content: 'Before Cleo' })
    await ada.room.update({ roomId, historyVisibility: 'joined' })
    await ada.member.add({ roomId, userIds: ['cleo'] })
    const cleo = server.caller('cleo')
    expect(await cleo.room.snapshot({ roomId })).toMatchObject({ messages: [] })
    await expect(cleo.message.get({ roomId, messageId: early.id })).rejects.toMatchObject({ reason: 'NOT_FOUND' })

    const client = await server.connect('cleo')
    const log = await new EventLog(client, roomId).until(({ events }) => events.length === 1)
    await ada.message.edit({ roomId, messageId: early.id, content: 'Still before Cleo' })
    await ada.message.send({ roomId, clientId: newId(), content: 'Welcome, Cleo' })
    await log.until(({ contents }) => contents.length === 1)
    expect(log.events.map((event) => event.type)).toEqual(['ready', 'hidden', 'message.created'])
    expect(gaps(log.events)).toEqual([])
    expect(JSON.stringify(log.events)).not.toContain('before Cleo')
  })
})

describe('a position that can’t be honoured', () => {
  test('is answered by a reset after the ready, and the stream goes on from there', async () => {
    const roomId = await roomOf('ada')
    const { position } = await server.caller('ada').room.changes({ roomId })
    const [epoch = '', seq = ''] = position.split('.')
    const ada = await server.connect('ada')
    const foreign = `${epoch.replace(/./, (digit) => (digit === '0' ? '1' : '0'))}.${seq}`
    for (const lastEventId of [foreign, `${epoch}.${Number(seq) + 1_000}`]) {
      const log = await new EventLog(ada, roomId, lastEventId).until(({ events }) => events.length === 2)
      expect(log.events).toMatchObject([{ type: 'ready' }, { type: 'reset', reason: 'epoch' }])
      // A cut between the two must not look like a position that was reached.
      expect(log.positions[0]).toBe(lastEventId)
      const content = `After the reset of ${lastEventId}`
      await server.caller('ada').message.send({ roomId, clientId: newId(), content })
      await log.until(({ contents }) => contents.includes(content))
      expect(gaps(log.events)).toEqual([])
      log.stop()
    }
  })
})
