import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { applyInboxEvent, EMPTY_INBOX, type InboxEvent } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { reconcileMs: 100 })
const { roomOf } = server

async function say(userId: string, roomId: string, content: string) {
  const { id: messageId } = await server.caller(userId).message.send({ roomId, clientId: newId(), content })
  return { roomId, messageId }
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ChatError ? error.reason : error),
  )

const contents = ({ items }: { items: { content: string }[] }) => items.map(({ content }) => content)

describe('a hidden message', () => {
  test('is out of the lists of who hid it, and of nobody else’s, until it is shown again', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [one, two] = [await say('ada', roomId, 'One'), await say('ada', roomId, 'Two')]
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    await ada.message.pin(two)
    await ben.message.hide(two)

    expect(contents(await ben.message.list({ roomId }))).toEqual(['One'])
    expect(contents(await ben.message.around(one))).toEqual(['One'])
    expect(contents(await ben.message.pinned({ roomId }))).toEqual([])
    expect((await ben.room.get({ roomId })).lastMessage?.content).toBe('One')
    const reads = [ben.message.get(two), ben.message.around(two), ben.message.versions(two)]
    expect(await Promise.all(reads.map(refusal))).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'])
    expect(contents(await ada.message.list({ roomId }))).toEqual(['Two', 'One'])
    expect((await ada.room.get({ roomId })).lastMessage?.content).toBe('Two')
    // What events build is the same for all: whoever folds them leaves hidden messages out by their ids.
    expect((await ben.room.snapshot({ roomId })).messages).toHaveLength(2)

    await ben.message.unhide(two)
    expect(contents(await ben.message.list({ roomId }))).toEqual(['Two', 'One'])
    expect((await ben.message.hidden({ roomId })).items).toEqual([])
  })

  test('is named in pages, the latest message first, and hidden twice it is hidden once', async () => {
    const roomId = await roomOf('ada', 'ben')
    const targets = [
      await say('ada', roomId, 'One'),
      await say('ada', roomId, 'Two'),
      await say('ada', roomId, 'Three'),
    ]
    const ben = await server.connect('ben')
    for (const target of [...targets, ...targets]) await ben.message.hide.mutate(target)
    const first = await ben.message.hidden.query({ roomId, limit: 2 })
    const rest = await ben.message.hidden.query({ roomId, limit: 2, cursor: first.nextCursor ?? '' })
    expect(rest.nextCursor).toBeNull()
    expect([...first.items, ...rest.items].map(({ messageId }) => messageId)).toEqual(
      targets.map(({ messageId }) => messageId).toReversed(),
    )
    expect((await server.caller('ada').message.hidden({ roomId })).items).toEqual([])
    await ben.message.unhide.mutate(targets[0] ?? { roomId, messageId: newId() })
    expect((await ben.message.hidden.query({ roomId })).items).toHaveLength(2)
  })

  test('changes nothing of the room', async () => {
    const roomId = await roomOf('ada', 'ben')
    const target = await say('ada', roomId, 'One')
    const before = await server.caller('ada').room.snapshot({ roomId })
    await server.caller('ben').message.hide(target)
    await server.caller('ben').message.unhide(target)
    expect(await server.caller('ada').room.snapshot({ roomId })).toEqual(before)
  })

  test('is nothing that a member could not see', async () => {
    const roomId = await roomOf('ada', 'ben')
    const early = await say('ada', roomId, 'Before Ivy')
    const ada = server.caller('ada')
    await server.caller('ivy').auth.me()
    await ada.room.update({ roomId, historyVisibility: 'joined' })
    await ada.member.add({ roomId, userIds: ['ivy'] })
    const ivy = server.caller('ivy')
    const calls = [ivy.message.hide(early), ivy.message.unhide(early)]
    expect(await Promise.all(calls.map(refusal))).toEqual(['NOT_FOUND', 'NOT_FOUND'])
    await server.caller('ben').message.hide(early)
    await server.caller('ben').room.leave({ roomId })
    expect(await refusal(server.caller('ben').message.unhide(early))).toBe('NOT_FOUND')
    expect(await refusal(server.caller('ben').message.hidden({ roomId }))).toBe('NOT_FOUND')
  })

  test('is told to the other devices with the counts', async () => {
    const roomId = await roomOf('ada', 'ben')
    const device = await server.connect('ben')
    const events: InboxEvent[] = []
    let inbox = EMPTY_INBOX
    let changed = Promise.withResolvers<void>()
    const subscription = device.inbox.onEvent.subscribe(undefined, {
      onData: (event) => {
        events.push(event)
        inbox = applyInboxEvent(inbox, event, 'ben')
        changed.resolve()
        changed = Promise.withResolvers()
      },
    })
    const until = async (isThere: () => boolean) => {
      while (!isThere()) await changed.promise
    }
    const unread = () => inbox.rooms.find((room) => room.roomId === roomId)?.unread
    await until(() => unread() === 0)
    const target = await say('ada', roomId, 'Not for my eyes')
    await until(() => unread() === 1)

    await server.caller('ben').message.hide(target)
    await until(() => unread() === 0)
    expect(events.at(-1)).toMatchObject({
      type: 'viewer',
      roomId,
      unread: 0,
      hidden: [{ messageId: target.messageId, isHidden: true }],
    })
    expect(inbox.rooms.find((room) => room.roomId === roomId)).not.toHaveProperty('hidden')

    // Deleted for everybody, it is taken off once and not twice.
    await say('ada', roomId, 'Another one')
    await until(() => unread() === 1)
    await server.caller('ada').message.delete(target)
    await until(() => events.some((event) => event.type === 'message.deleted') && unread() === 1)
    expect((await server.caller('ben').inbox.get()).rooms.find((room) => room.roomId === roomId)?.unread).toBe(1)
    subscription.unsubscribe()
  })
})
