import { describe, expect, test } from 'vitest'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const inboxOf = (userId: string) => new FoldedInbox(userId, (signal) => server.app.createCaller({ userId }, { signal }))

const { roomOf } = server

interface More {
  mentions?: string[]
  mentionsRoom?: boolean
  threadId?: string
}

const say = (userId: string, roomId: string, more: More = {}) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello', ...more })

describe('the inbox of a busy room', () => {
  test('is told of many messages in few events, and counts each of them', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [ada, ben] = [inboxOf('ada'), inboxOf('ben')]
    for (const inbox of [ada, ben]) await inbox.until(({ rooms }) => rooms.length === 1)
    const many = 100
    // Ben says one himself in between, which is where he has read to.
    const sent = await Promise.all(
      Array.from({ length: many }, (_, index) =>
        say(index === 50 ? 'ben' : 'ada', roomId, index % 10 === 0 ? { mentions: ['ben', 'ada'] } : {}),
      ),
    )
    const own = sent[50]?.ordinal ?? 0
    await ben.until(({ rooms }) => rooms[0]?.lastOrdinal === many)
    await ada.until(({ rooms }) => rooms[0]?.lastOrdinal === many)
    expect(ben.inbox.unread).toBe(many - own)
    expect(ben.inbox.rooms).toEqual((await server.caller('ben').inbox.get()).rooms)
    expect(ada.inbox.rooms).toEqual((await server.caller('ada').inbox.get()).rooms)
    const told = ben.events.filter((event) => event.type === 'message')
    expect(told.length).toBeLessThan(many / 2)
    expect(told.flatMap((event) => (event.earlier ?? []).concat(event)).map(({ ordinal }) => ordinal)).toEqual(
      sent.map(({ ordinal }) => ordinal).toSorted((a, b) => Number(a) - Number(b)),
    )
    for (const inbox of [ada, ben]) await inbox.stop()
  })

  test('keeps the order of messages and of what happens to them', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = inboxOf('ben')
    await ben.until(({ rooms }) => rooms.some((room) => room.roomId === roomId))
    const sent = await Promise.all(Array.from({ length: 30 }, () => say('ada', roomId)))
    const last = sent.toSorted((a, b) => a.seq - b.seq).at(-1)
    await server.caller('ada').message.delete({ roomId, messageId: last?.id ?? '' })
    await ben.until(() => ben.events.some((event) => event.type === 'message.deleted'))
    expect(ben.inbox.rooms.find((room) => room.roomId === roomId)).toMatchObject({ unread: 29, lastOrdinal: 30 })
    expect(ben.events.at(-1)).toMatchObject({ type: 'message.deleted', roomId, ordinal: 30 })
    await ben.stop()
  })
})

describe('the inbox', () => {
  test('counts a mention as it comes, and again where an edit or a delete may have taken it', async () => {
    const roomId = await roomOf('cleo', 'dov')
    const dov = inboxOf('dov')
    await dov.until(({ rooms }) => rooms.length === 1)
    const cleo = server.caller('cleo')
    const first = await say('cleo', roomId, { mentions: ['dov'] })
    const second = await say('cleo', roomId, { mentionsRoom: true })
    await dov.until(({ mentions }) => mentions === 2)
    await cleo.message.edit({ roomId, messageId: first.id, content: 'Hello', mentions: [] })
    await dov.until(({ mentions }) => mentions === 1)
    await cleo.message.delete({ roomId, messageId: second.id })
    await dov.until(({ mentions, unread }) => mentions === 0 && unread === 1)
    await cleo.message.edit({ roomId, messageId: first.id, content: 'Hello', mentions: ['dov'] })
    await dov.until(({ mentions }) => mentions === 1)
    await server.caller('dov').receipt.read({ roomId, seq: first.seq })
    await dov.until(({ mentions }) => mentions === 0)
    expect(dov.events.at(-1)).toMatchObject({ type: 'viewer', roomId, settings: { notifications: 'all' } })
    await dov.stop()
  })

  test('tells of followed threads on every device, and of others nothing', async () => {
    const roomId = await roomOf('eve', 'fay', 'gil')
    const client = await server.connect('fay')
    const root = await say('fay', roomId)
    const [fay, gil] = [inboxOf('fay'), inboxOf('gil')]
    const told = Promise.withResolvers<void>()
    const device = client.inbox.onEvent.subscribe(undefined, {
      onData: (event) => event.type === 'threads' && event.unread === 2 && told.resolve(),
    })
    for (const inbox of [fay, gil]) await inbox.until(({ rooms }) => rooms.length === 1)
    const reply = await say('eve', roomId, { threadId: root.id })
    await fay.until(({ threads }) => threads.unread === 1)
    await say('eve', roomId, { threadId: root.id, mentions: ['fay'] })
    await fay.until(({ threads }) => threads.unread === 2 && threads.mentions === 1)
    await told.promise
    await client.thread.read.mutate({ roomId, threadId: root.id, seq: reply.seq })
    await fay.until(({ threads }) => threads.unread === 1)
    await client.thread.unfollow.mutate({ roomId, threadId: root.id })
    await fay.until(({ threads }) => threads.unread === 0)
    await say('eve', roomId)
    await gil.until(({ unread }) => unread === 2)
    expect(gil.events.some((event) => event.type === 'threads')).toBe(false)
    device.unsubscribe()
    for (const inbox of [fay, gil]) await inbox.stop()
  })

  test('shows a room’s last message as it is now', async () => {
    const roomId = await roomOf('hal', 'ida')
    const hal = server.caller('hal')
    const last = async () => {
      const { items } = await server.caller('ida').room.list()
      return items.find((room) => room.id === roomId)?.lastMessage
    }
    const { id: messageId } = await say('hal', roomId)
    const edited = await hal.message.edit({ roomId, messageId, content: 'Hello there' })
    expect(await last()).toEqual(edited)
    await say('hal', roomId, { threadId: messageId })
    expect(await last()).toMatchObject({ id: messageId, content: 'Hello there', thread: { count: 1 } })
    const tombstone = await hal.message.delete({ roomId, messageId })
    expect(await last()).toEqual(tombstone)
  })
})
