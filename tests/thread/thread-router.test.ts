import { describe, expect, test } from 'vitest'
import { uuidv7 } from '../../server/db/uuid.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import type { RoomEvent } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

const say = (userId: string, roomId: string, content: string, more: { threadId?: string; mentions?: string[] } = {}) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content, ...more })

/** Hands a message of Ben's to the writer at once. */
const write = (roomId: string, threadId: string | null) =>
  server.app.services.messages.write({
    tenantId: 'default',
    roomId,
    senderId: 'ben',
    clientId: newId(),
    clientHash: Buffer.alloc(32),
    id: uuidv7(),
    content: 'Reply',
    replyToId: null,
    meta: '{}',
    isOnBehalf: false,
    isService: false,
    forwardedFrom: null,
    ...(threadId ? { threadAndMentions: { threadId, mentions: [], mentionsRoom: false } } : {}),
  })

const refusalOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof ChatError ? [error.reason, ...(error.issues ?? []).map((issue) => issue.path)] : error
}

const followed = async (userId: string) =>
  (await server.caller(userId).thread.list()).items.map(({ root, unread, mentions }) => [root.id, unread, mentions])

const rootUpdates = (events: RoomEvent[], id: string) =>
  events.filter((event) => event.type === 'message.updated' && event.message.id === id)

describe('a thread', () => {
  test('has ordinals of its own, stays out of the room, and shows on its root', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const root = await say('ada', roomId, 'Lunch?')
    const first = await say('ben', roomId, 'At noon', { threadId: root.id })
    const second = await say('cleo', roomId, 'At one', { threadId: root.id })
    const next = await say('ada', roomId, 'By the way')
    expect([root, first, second, next].map((message) => [message.ordinal, message.threadId])).toEqual([
      [1, null],
      [1, root.id],
      [2, root.id],
      [2, null],
    ])
    const ada = server.caller('ada')
    expect((await ada.message.list({ roomId })).items.map((message) => message.id)).toEqual([next.id, root.id])
    const room = await ada.room.get({ roomId })
    expect([room.lastOrdinal, room.lastMessage?.id]).toEqual([2, next.id])
    const thread = await ada.message.thread({ roomId, threadId: root.id })
    expect(thread.root.thread).toEqual({ count: 2, lastAt: second.createdAt, participants: ['ben', 'cleo'] })
    expect(thread.items).toEqual([first, second])
    expect(await ada.message.get({ roomId, messageId: first.id })).toEqual(first)
  })

  test('is paged in both directions', async () => {
    const roomId = await roomOf('ada')
    const root = await say('ada', roomId, 'Count')
    for (const content of ['one', 'two', 'three']) await say('ada', roomId, content, { threadId: root.id })
    for (const [direction, expected] of [
      ['newer', ['one', 'two', 'three']],
      ['older', ['three', 'two', 'one']],
    ] as const) {
      const asked = { roomId, threadId: root.id, limit: 2, direction }
      const page = await server.caller('ada').message.thread(asked)
      const rest = await server.caller('ada').message.thread({ ...asked, cursor: page.nextCursor ?? '' })
      expect([...page.items, ...rest.items].map((message) => message.content)).toEqual(expected)
      expect(rest.nextCursor).toBeNull()
    }
  })

  test('a batch of replies is one change of the root, and the log has no gap', async () => {
    const roomId = await roomOf('ada', 'ben')
    const client = await server.connect('ben')
    const [one, other] = [await say('ada', roomId, 'One'), await say('ada', roomId, 'Other')]
    const log = await new EventLog(client, roomId).until(({ events }) => events.length === 1)
    const before = (await server.caller('ada').room.get({ roomId })).lastSeq
    // What arrives in one turn of the event loop shares a batch.
    const sent = await Promise.all(
      [one.id, one.id, null, one.id, other.id, one.id, one.id].map((threadId) => write(roomId, threadId)),
    )
    const { lastSeq } = await server.caller('ada').room.get({ roomId })
    expect(lastSeq).toBe(before + sent.length + 2)
    await log.until(({ events }) => events.some((event) => event.seq === lastSeq))
    expect(gaps(log.events)).toEqual([])
    expect(rootUpdates(log.events, one.id)).toHaveLength(1)
    expect(rootUpdates(log.events, other.id)).toHaveLength(1)
    const thread = await client.message.thread.query({ roomId, threadId: one.id })
    expect(rootUpdates(log.events, one.id)).toMatchObject([{ message: thread.root }])
    expect(thread.items.map((message) => message.ordinal)).toEqual([1, 2, 3, 4, 5])
    log.stop()
  })

  test('hangs on a message of the room that the sender sees, and on nothing else', async () => {
    const [roomId, elsewhere] = [await roomOf('ada', 'ben'), await roomOf('ada')]
    const root = await say('ada', roomId, 'Root')
    const reply = await say('ben', roomId, 'Reply', { threadId: root.id })
    const foreign = await say('ada', elsewhere, 'Foreign')
    const gone = await say('ada', roomId, 'Gone')
    await server.caller('ada').message.delete({ roomId, messageId: gone.id })
    for (const threadId of [reply.id, foreign.id, newId()]) {
      expect(await refusalOf(say('ada', roomId, 'Nowhere', { threadId }))).toEqual(['INVALID_INPUT', 'threadId'])
    }
    expect(await refusalOf(say('ada', roomId, 'Late', { threadId: gone.id }))).toEqual(['MESSAGE_DELETED'])
    expect(await refusalOf(server.caller('ada').message.thread({ roomId, threadId: reply.id }))).toEqual([
      'INVALID_INPUT',
      'threadId',
    ])
    await server.caller('ada').room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('dov').auth.me()
    await server.caller('ada').member.add({ roomId, userIds: ['dov'] })
    expect(await refusalOf(say('dov', roomId, 'Blind', { threadId: root.id }))).toEqual(['INVALID_INPUT', 'threadId'])
    expect(await refusalOf(server.caller('dov').message.thread({ roomId, threadId: root.id }))).toEqual(['NOT_FOUND'])
  })

  test('a repetition gives the original reply; the same clientId elsewhere is another message', async () => {
    const roomId = await roomOf('ada')
    const root = await say('ada', roomId, 'Root')
    const input = { roomId, clientId: newId(), content: 'Once', threadId: root.id }
    const ada = server.caller('ada')
    const [first, again] = [await ada.message.send(input), await ada.message.send(input)]
    expect(again).toEqual(first)
    expect((await ada.message.get({ roomId, messageId: root.id })).thread?.count).toBe(1)
    const { threadId: _, ...toTheRoom } = input
    expect(await refusalOf(ada.message.send(toTheRoom))).toEqual(['CLIENT_ID_REUSED'])
  })

  test('a deleted reply leaves a tombstone and is not counted; with the last one the summary goes', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ada = server.caller('ada')
    const root = await say('ada', roomId, 'Root')
    const [first, second] = [
      await say('ben', roomId, 'First', { threadId: root.id }),
      await say('ada', roomId, 'Second', { threadId: root.id }),
    ]
    await ada.message.delete({ roomId, messageId: second.id })
    const thread = await ada.message.thread({ roomId, threadId: root.id })
    expect(thread.root.thread).toMatchObject({ count: 1, lastAt: first.createdAt })
    expect(thread.items.map((message) => message.deletedAt === null)).toEqual([true, false])
    await ada.message.delete({ roomId, messageId: first.id })
    expect((await ada.message.get({ roomId, messageId: root.id })).thread).toBeNull()
    expect((await say('ben', roomId, 'Third', { threadId: root.id })).ordinal).toBe(3)
  })

  test('goes on under the tombstone of its root, which inboxes are told of once', async () => {
    const roomId = await roomOf('ada', 'ben')
    const root = await say('ada', roomId, 'Root')
    await say('ada', roomId, 'Unread')
    await say('ada', roomId, 'First', { threadId: root.id })
    await server.caller('ada').message.delete({ roomId, messageId: root.id })
    const client = await server.connect('ben')
    const log = await new EventLog(client, roomId).until(({ events }) => events.length === 1)
    await say('ada', roomId, 'Second', { threadId: root.id })
    await log.until(({ events }) => events.some((event) => event.type === 'message.updated'))
    expect(log.events.map((event) => event.type)).toEqual(['ready', 'message.created', 'message.updated'])
    const thread = await client.message.thread.query({ roomId, threadId: root.id })
    expect([thread.root.content, thread.root.thread?.count, thread.items.length]).toEqual(['', 2, 2])
    expect((await server.caller('ben').inbox.get()).rooms).toContainEqual(
      expect.objectContaining({ roomId, unread: 1 }),
    )
    log.stop()
  })
})

describe('following a thread', () => {
  test('comes with a reply, a mention, and the first reply to one’s own message', async () => {
    const roomId = await roomOf('fay', 'gil', 'hal', 'ida')
    const root = await say('fay', roomId, 'Root')
    await say('gil', roomId, 'One', { threadId: root.id })
    await say('gil', roomId, 'Two', { threadId: root.id, mentions: ['hal'] })
    expect(await followed('fay')).toEqual([[root.id, 2, 0]])
    expect(await followed('gil')).toEqual([[root.id, 0, 0]])
    expect(await followed('hal')).toEqual([[root.id, 1, 1]])
    expect(await followed('ida')).toEqual([])
    expect((await server.caller('hal').inbox.get()).threads).toEqual({ unread: 1, mentions: 1 })
  })

  test('by request counts from there on; unfollowed, it is quiet, until it is followed again', async () => {
    const client = await server.connect('kim')
    await client.auth.me.query()
    const roomId = await roomOf('jon', 'kim')
    const root = await say('jon', roomId, 'Root')
    const thread = { roomId, threadId: root.id }
    await say('jon', roomId, 'Before', { threadId: root.id })
    await client.thread.follow.mutate(thread)
    expect((await client.thread.list.query()).items).toMatchObject([{ unread: 0, lastOrdinal: 1, readOrdinal: 1 }])
    const after = await say('jon', roomId, 'After', { threadId: root.id })
    await say('jon', roomId, 'After that', { threadId: root.id })
    await client.thread.follow.mutate(thread)
    expect(await followed('kim')).toEqual([[root.id, 2, 0]])
    await client.thread.read.mutate({ ...thread, seq: after.seq })
    expect(await followed('kim')).toEqual([[root.id, 1, 0]])
    await client.thread.read.mutate({ ...thread, seq: 1 })
    expect(await followed('kim')).toEqual([[root.id, 1, 0]])
    await client.thread.read.mutate(thread)
    expect(await followed('kim')).toEqual([[root.id, 0, 0]])
    await client.thread.unfollow.mutate(thread)
    await say('jon', roomId, 'Unheard', { threadId: root.id })
    expect(await followed('kim')).toEqual([])
    expect(await client.inbox.get.query()).toMatchObject({ threads: { unread: 0, mentions: 0 } })
  })

  test('lists the latest reply first, page by page, and ends with the membership', async () => {
    const roomId = await roomOf('liv', 'mia')
    const roots = []
    for (const content of ['One', 'Two', 'Three']) roots.push(await say('mia', roomId, content))
    const [one, two, three] = roots.map((root) => root.id)
    for (const threadId of [one, two, three, one]) await say('liv', roomId, 'Reply', { threadId: threadId ?? '' })
    const mia = server.caller('mia')
    const page = await mia.thread.list({ limit: 2 })
    const rest = await mia.thread.list({ limit: 2, cursor: page.nextCursor ?? '' })
    expect([...page.items, ...rest.items].map(({ root }) => root.id)).toEqual([one, three, two])
    await server.caller('liv').member.remove({ roomId, userId: 'mia' })
    expect(await followed('mia')).toEqual([])
    await server.caller('liv').member.add({ roomId, userIds: ['mia'] })
    expect(await followed('mia')).toEqual([])
  })
})
