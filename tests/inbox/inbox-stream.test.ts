import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { App } from '../../server/app.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import type { Inbox } from '../../shared/index.ts'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { reconcileMs: 100 })

type Caller = ReturnType<App['createCaller']>

/** A client's inbox, until it is stopped. */
const inboxOf = (userId: string) => new FoldedInbox(userId, (signal) => server.app.createCaller({ userId }, { signal }))

/** In the order of room ids, which lists of rooms leave open. */
const sorted = ({ rooms, unread, mentions }: Inbox) => ({
  rooms: rooms.toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1)),
  unread,
  mentions,
})

const { roomOf } = server

const say = (caller: Caller, roomId: string, content: string) =>
  caller.message.send({ roomId, clientId: newId(), content })

describe('the inbox', () => {
  test('counts what others say, until it is read, and tells every device of it', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    const devices = [inboxOf('ben'), inboxOf('ben')]
    for (const device of devices) await device.until(({ rooms }) => rooms.length === 1)

    await say(ada, roomId, 'One')
    const { seq } = await say(ada, roomId, 'Two')
    for (const device of devices)
      expect((await device.until(({ unread }) => unread === 2)).rooms).toMatchObject([{ unread: 2 }])
    expect(await ben.inbox.get()).toEqual(devices[0]?.inbox)

    await ben.receipt.read({ roomId, seq })
    for (const device of devices) await device.until(({ unread }) => unread === 0)
    for (const device of devices) await device.stop()
  })

  test('counts a mention no longer when it is deleted that came just before its room was followed', async () => {
    const roomId = await roomOf('yann')
    const [yann] = [server.caller('yann'), await server.caller('zoe').auth.me()]
    const [yanns, zoes] = [inboxOf('yann'), inboxOf('zoe')]
    await yanns.until(({ rooms }) => rooms.length > 0)
    await zoes.until(() => zoes.events.length > 0)
    // Yann's inbox follows the room; Zoe's has counted its messages when it asks for the feed.
    const { feeds } = server.app.services
    const acquire = feeds.acquire.bind(feeds)
    const mention = Promise.withResolvers<string>()
    const acquiring = vi.spyOn(feeds, 'acquire').mockImplementationOnce(async (...place) => {
      const said = await yann.message.send({ roomId, clientId: newId(), content: 'Zoe?', mentions: ['zoe'] })
      await yanns.until(({ rooms }) => rooms.some((room) => room.lastSeq >= said.seq))
      mention.resolve(said.id)
      return acquire(...place)
    })
    await yann.member.add({ roomId, userIds: ['zoe'] })
    const messageId = await mention.promise
    acquiring.mockRestore()
    await zoes.until(({ mentions }) => mentions === 1)
    await yann.message.delete({ roomId, messageId })
    await zoes.until(({ mentions, unread }) => mentions === 0 && unread === 0)
    for (const inbox of [yanns, zoes]) await inbox.stop()
  })

  test('an own message moves the marker; one sent in the user’s name by the host application does not', async () => {
    const roomId = await roomOf('cleo', 'dov')
    const inbox = inboxOf('cleo')
    await inbox.until(({ rooms }) => rooms.length === 1)
    await say(server.caller('dov'), roomId, 'Are you there?')
    await inbox.until(({ unread }) => unread === 1)
    const backend = server.caller('backend', { role: 'service' })
    await backend.message.send({ roomId, clientId: newId(), content: 'Away until noon', asUserId: 'cleo' })
    await inbox.until(({ rooms }) => rooms[0]?.lastOrdinal === 2)
    expect(inbox.inbox.unread).toBe(1)
    expect(await server.caller('cleo').inbox.get()).toEqual(inbox.inbox)
    await say(server.caller('cleo'), roomId, 'I am now')
    await inbox.until(({ unread }) => unread === 0)
    expect(await server.caller('cleo').inbox.get()).toEqual(inbox.inbox)
    await inbox.stop()
  })

  test('rooms come and go with the membership', async () => {
    await server.caller('eve').auth.me()
    const inbox = inboxOf('eve')
    await inbox.until(() => inbox.events.length === 1)
    const roomId = await roomOf('ada', 'eve')
    await inbox.until(({ rooms }) => rooms.length === 1)
    expect(inbox.events.at(-1)).toMatchObject({ type: 'room.added', room: { id: roomId, name: 'Engine room' } })
    await server.caller('ada').room.update({ roomId, name: 'Boiler room' })
    await server.caller('ada').member.remove({ roomId, userId: 'eve' })
    await inbox.until(({ rooms }) => rooms.length === 0)
    await server.caller('ada').member.add({ roomId, userIds: ['eve'] })
    await inbox.until(({ rooms }) => rooms.length === 1)
    await server.caller('ada').room.delete({ roomId })
    await inbox.until(({ rooms }) => rooms.length === 0)
    await inbox.stop()
  })

  test('says nothing of messages from before a member who sees history from joining on only', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ada = server.caller('ada')
    await server.caller('ivy').auth.me()
    const early = await say(ada, roomId, 'Before Ivy')
    await ada.room.update({ roomId, historyVisibility: 'joined' })
    await ada.member.add({ roomId, userIds: ['ivy'] })
    const inbox = inboxOf('ivy')
    await inbox.until(({ rooms }) => rooms.some((room) => room.roomId === roomId))
    await ada.message.edit({ roomId, messageId: early.id, content: 'Still before Ivy' })
    await say(ada, roomId, 'Welcome')
    await inbox.until(({ rooms }) => rooms.some((room) => room.roomId === roomId && room.unread === 1))
    expect(JSON.stringify(inbox.events)).not.toContain('before Ivy')
    await inbox.stop()
  })

  test('tells nothing of a room after the removal, however sends and removal race', async () => {
    await server.caller('jon').auth.me()
    const ada = server.caller('ada')
    for (let round = 0; round < 10; round++) {
      const roomId = await roomOf('ada', 'jon')
      const inbox = inboxOf('jon')
      await inbox.until(({ rooms }) => rooms.some((room) => room.roomId === roomId))
      const sends = Array.from({ length: 10 }, (_, index) => say(ada, roomId, `Number ${index}`))
      await ada.member.remove({ roomId, userId: 'jon' })
      await Promise.all(sends)
      await inbox.until(({ rooms }) => !rooms.some((room) => room.roomId === roomId))
      const { events } = await server.caller('ada').room.changes({ roomId, after: await start(roomId), limit: 100 })
      const left = events.find((event) => event.type === 'member.left')?.seq ?? 0
      const told = inbox.events.flatMap((event) => ('seq' in event && event.roomId === roomId ? [event.seq] : []))
      expect(told.filter((seq) => seq > left)).toEqual([])
      await inbox.stop()
    }
  })

  test('an archived room goes, and comes back when it is unarchived', async () => {
    const roomId = await roomOf('ada', 'kim')
    const inbox = inboxOf('kim')
    await inbox.until(({ rooms }) => rooms.length === 1)
    await server.caller('ada').room.archive({ roomId })
    await inbox.until(({ rooms }) => rooms.length === 0)
    expect((await server.caller('kim').inbox.get()).rooms).toEqual([])
    await server.caller('ada').room.unarchive({ roomId })
    await inbox.until(({ rooms }) => rooms.length === 1)
    await say(server.caller('ada'), roomId, 'Back again')
    await inbox.until(({ unread }) => unread === 1)
    await inbox.stop()
  })

  test('unread equals a count of the messages one by one, whatever is sent, read, deleted and hidden', async () => {
    const users = ['fay', 'gil', 'hal'] as const
    const user = fc.constantFrom(...users)
    const operation = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('send' as const), by: user, asUser: fc.option(user, { freq: 3 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), by: user, recent: fc.nat({ max: 4 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('hide' as const),
          by: user,
          recent: fc.nat({ max: 4 }),
          isHiding: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), by: user, back: fc.nat({ max: 4 }) }) },
    )
    const property = fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
      const roomId = await roomOf(...users)
      const markers = new Map<string, number>(users.map((name) => [name, 0]))
      const messages: { id: string; seq: number; senderId: string; isDeleted: boolean; hiddenFrom: Set<string> }[] = []
      const backend = server.caller('backend', { role: 'service' })
      const inboxes = new Map(users.map((name) => [name, inboxOf(name)]))
      for (const inbox of inboxes.values())
        await inbox.until(({ rooms }) => rooms.some((room) => room.roomId === roomId))

      for (const each of operations) {
        const caller = server.caller(each.by)
        if (each.do === 'send') {
          const isOwn = each.asUser === null
          const senderId = each.asUser ?? each.by
          const input = { roomId, clientId: newId(), content: 'Hello' }
          const sent = isOwn
            ? await caller.message.send(input)
            : await backend.message.send({ ...input, asUserId: senderId })
          messages.push({ id: sent.id, seq: sent.seq, senderId, isDeleted: false, hiddenFrom: new Set() })
          if (isOwn) markers.set(senderId, sent.seq)
        } else if (each.do === 'delete') {
          const target = messages.at(-1 - each.recent)
          if (!target || target.isDeleted) continue
          const isDone = await caller.message.delete({ roomId, messageId: target.id }).then(
            () => true,
            (error: unknown) => !(error instanceof ChatError),
          )
          target.isDeleted = isDone
        } else if (each.do === 'hide') {
          const target = messages.at(-1 - each.recent)
          if (!target) continue
          await caller.message[each.isHiding ? 'hide' : 'unhide']({ roomId, messageId: target.id })
          target.hiddenFrom[each.isHiding ? 'add' : 'delete'](each.by)
        } else {
          const seq = messages.at(-1 - each.back)?.seq ?? 0
          await caller.receipt.read({ roomId, seq })
          markers.set(each.by, Math.max(markers.get(each.by) ?? 0, seq))
        }
      }

      for (const name of users) {
        const marker = markers.get(name) ?? 0
        const isUnread = (each: (typeof messages)[number]) =>
          !each.isDeleted && !each.hiddenFrom.has(name) && each.senderId !== name && each.seq > marker
        const unread = messages.filter(isUnread).length
        const counted = (await server.caller(name).inbox.get()).rooms.find((room) => room.roomId === roomId)
        expect(counted?.unread).toBe(unread)
        const fresh = sorted(await server.caller(name).inbox.get())
        const inbox = inboxes.get(name)
        await inbox?.until(
          (folded) => JSON.stringify(sorted(folded).rooms.map(counts)) === JSON.stringify(fresh.rooms.map(counts)),
        )
      }
      for (const inbox of inboxes.values()) await inbox.stop()
      for (const name of users.slice(1)) await server.caller(name).room.leave({ roomId })
    })
    await fc.assert(property, { numRuns: 8, seed: 20_261_120 })
  }, 60_000)
})

/** The position at which a room began. */
async function start(roomId: string): Promise<string> {
  const { position } = await server.caller('ada').room.changes({ roomId })
  return `${position.split('.')[0]}.1`
}

/** A folded inbox need not know how far the log went on without messages. */
const counts = ({ roomId, unread, mentions, lastOrdinal, readOrdinal }: Inbox['rooms'][number]) => ({
  roomId,
  unread,
  mentions,
  lastOrdinal,
  readOrdinal,
})
