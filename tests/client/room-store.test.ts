import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { RoomStore } from '../../client/client-entry.ts'
import type { OpenRoom, RoomView } from '../../client/room/room-store.ts'
import type { Message } from '../../shared/index.ts'
import { becomes, openTapped } from '../support/tapped-client.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const PAGE = 4
const MAX = 12

type Opened = Awaited<ReturnType<typeof openTapped>>
const opened: Opened[] = []

/** Alice's side, with small pages, so that a few messages are many. */
async function open(userId = 'alice'): Promise<Opened> {
  const one = await openTapped(server.url, userId, { room: { pageSize: PAGE, maxMessages: MAX } })
  opened.push(one)
  return one
}

afterEach(async () => {
  for (const { client } of opened.splice(0)) await client.close()
})

async function newRoom(messages = 0): Promise<string> {
  for (const name of ['alice', 'bob', 'cleo']) await server.caller(name).auth.me()
  const alice = server.caller('alice')
  const { id: roomId } = await alice.room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['bob'] })
  for (let line = 1; line <= messages; line++) await say(roomId, `Line ${line}`)
  return roomId
}

const say = (roomId: string, content: string, by = 'bob') =>
  server.caller(by).message.send({ roomId, clientId: newId(), content })

const isOpen = (view: RoomView): view is OpenRoom => view.phase === 'open'
const texts = (messages: readonly Message[]) => messages.map(({ content }) => content)

function stateOf(room: RoomStore) {
  const view = room.view.get()
  if (!isOpen(view)) throw new Error(`The room is ${view.phase}`)
  return view
}

/** Everything that the room ever said, oldest first. */
async function history(roomId: string): Promise<Message[]> {
  const { items } = await server.caller('alice').message.list({ roomId, limit: 100 })
  return items.toReversed()
}

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.constant('send' as const) },
  { weight: 3, arbitrary: fc.constant('edit' as const) },
  { weight: 2, arbitrary: fc.constant('delete' as const) },
  { weight: 1, arbitrary: fc.constant('rename' as const) },
  { weight: 1, arbitrary: fc.constant('profile' as const) },
  { weight: 1, arbitrary: fc.constant('join' as const) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
  { weight: 1, arbitrary: fc.constant('reload' as const) },
  { weight: 3, arbitrary: fc.constant('older' as const) },
  { weight: 3, arbitrary: fc.constant('newer' as const) },
  { weight: 1, arbitrary: fc.constant('jump' as const) },
)
/** What happens, and to which message; those of a step at once. */
const step = fc.array(fc.tuple(operation, fc.nat()), { minLength: 1, maxLength: 4 })

describe('a room store', () => {
  test('whatever happens, however the connection is cut and the window moved, it shows a stretch of the room as a fresh fetch does', {
    timeout: 180_000,
  }, async () => {
    const { chat, cut } = await open()
    const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const roomId = await newRoom(10)
      const bob = server.caller('bob')
      const room = chat.room(roomId)
      const unsubscribe = room.view.subscribe(() => undefined)
      await becomes(room.view, isOpen)

      const act = async ([what, at]: [string, number]): Promise<unknown> => {
        const messages = await history(roomId)
        const message = messages[at % messages.length]
        const target = { roomId, messageId: message?.id ?? '' }
        if (what === 'send') return say(roomId, `Said ${at}`, at % 2 ? 'bob' : 'alice')
        if (what === 'edit' && !message?.deletedAt) return bob.message.edit({ ...target, content: `Edited ${at}` })
        if (what === 'delete' && !message?.deletedAt && message?.senderId === 'bob') return bob.message.delete(target)
        if (what === 'rename') return server.caller('alice').room.update({ roomId, name: `Launch ${at}` })
        if (what === 'profile') return bob.user.update({ name: `Bob ${at}` })
        if (what === 'join') return server.caller('alice').member.add({ roomId, userIds: ['cleo'] })
        if (what === 'cut') return cut()
        if (what === 'reload') return room.load()
        if (what === 'older') return room.loadOlder()
        if (what === 'newer') return room.loadNewer()
        if (what === 'jump') return room.jumpTo(target.messageId).catch(() => undefined)
      }
      for (const each of steps) await Promise.all(each.map((one) => act(one).catch(refusal)))
      await server.app.services.profiles.settled()

      const fresh = await server.caller('alice').room.snapshot({ roomId, messages: 100 })
      const shown = await becomes(
        room.view,
        (view): view is OpenRoom => isOpen(view) && view.state.position === fresh.position && isAtRest(view),
      )
      const [first, last] = [shown.messages[0]?.seq ?? 0, shown.messages.at(-1)?.seq ?? 0]
      const upTo = shown.newer === 'none' ? Number.POSITIVE_INFINITY : last
      const stretch = fresh.messages.filter(({ seq }) => seq >= first && seq <= upTo)
      expect(shown.messages).toEqual(stretch)
      expect(shown.messages.length).toBeLessThanOrEqual(MAX)
      expect(shown.older === 'none').toBe(shown.state.messagesFromSeq === 0)
      if (shown.older === 'none') expect(first).toBe(fresh.messages[0]?.seq)
      const { messages: _, messagesFromSeq: __, ...rest } = shown.state
      expect(rest).toEqual({ position: fresh.position, room: fresh.room, members: fresh.members })
      unsubscribe()
    })
    await fc.assert(property, {
      numRuns: Number(process.env['FUZZ_RUNS'] ?? 8),
      seed: Number(process.env['FUZZ_SEED'] ?? 7),
      endOnFailure: true,
    })
  })

  test('back to the beginning and forward to the end, each message once, never more than the bound at a time', async () => {
    const roomId = await newRoom(30)
    const { chat } = await open()
    const room = chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    await becomes(room.view, isOpen)
    const all = texts(await history(roomId))

    while (stateOf(room).older !== 'none') await room.loadOlder()
    expect(texts(stateOf(room).messages)).toEqual(all.slice(0, MAX))
    expect(stateOf(room).newer).toBe('more')

    // Here nothing new comes in, and what is here stays current.
    const edited = stateOf(room).messages[3]
    await say(roomId, 'Line 31')
    await server.caller('bob').message.edit({ roomId, messageId: edited?.id ?? '', content: 'Line 4, at last' })
    await becomes(room.view, (view) => isOpen(view) && view.messages[3]?.content === 'Line 4, at last')
    expect(texts(stateOf(room).messages)).not.toContain('Line 31')

    while (stateOf(room).newer !== 'none') await room.loadNewer()
    expect(texts(stateOf(room).messages)).toEqual([...all, 'Line 31'].slice(-MAX))
    await say(roomId, 'Line 32')
    await becomes(room.view, (view) => isOpen(view) && view.messages.at(-1)?.content === 'Line 32')
    unsubscribe()
  })

  test('an edit of a message that was scrolled back to shows', async () => {
    const roomId = await newRoom(10)
    const { chat } = await open()
    const room = chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    await becomes(room.view, isOpen)
    await room.loadOlder()
    const first = stateOf(room).messages[0]
    expect(stateOf(room).messages.length).toBeGreaterThan(PAGE)
    await server.caller('bob').message.edit({ roomId, messageId: first?.id ?? '', content: 'Once more' })
    await becomes(room.view, (view) => isOpen(view) && view.messages[0]?.content === 'Once more')
    unsubscribe()
  })

  test('one’s own change shows before the server answers, over what others do meanwhile, and goes where it is refused', async () => {
    const roomId = await newRoom()
    const mine = await say(roomId, 'Good mroning', 'alice')
    const theirs = await say(roomId, 'Morning!')
    const { chat } = await open()
    const room = chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    await becomes(room.view, isOpen)

    const edit = room.edit(mine.id, 'Good morning')
    expect(texts(stateOf(room).messages)).toEqual(['Good morning', 'Morning!'])
    expect(texts(stateOf(room).state.messages)).toEqual(['Good mroning', 'Morning!'])
    await edit
    expect(texts(stateOf(room).messages)).toEqual(['Good morning', 'Morning!'])
    await becomes(room.view, (view) => isOpen(view) && view.state.messages === view.messages)
    expect(texts(stateOf(room).state.messages)).toEqual(['Good morning', 'Morning!'])

    const refused = room.edit(theirs.id, 'Morning?')
    expect(texts(stateOf(room).messages)).toEqual(['Good morning', 'Morning?'])
    await expect(refused).rejects.toMatchObject({ data: { reason: 'FORBIDDEN' } })
    expect(texts(stateOf(room).messages)).toEqual(['Good morning', 'Morning!'])

    const removal = room.remove(mine.id)
    expect(stateOf(room).messages[0]).toMatchObject({ content: '', deletedAt: expect.any(Date) })
    await removal
    unsubscribe()
  })

  test('a later change under the same key takes the earlier one’s place; different keys add up', async () => {
    const roomId = await newRoom()
    const mine = await say(roomId, 'One', 'alice')
    const { chat } = await open()
    const room = chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    await becomes(room.view, isOpen)
    const answers = [Promise.withResolvers<Message>(), Promise.withResolvers<Message>()]
    const marked = (emoji: string, answer: Promise<Message>) =>
      room.change({
        key: `reaction ${emoji}`,
        messageId: mine.id,
        apply: (message) => ({ ...message, reactions: [...message.reactions, { emoji, count: 1, firstUserIds: [] }] }),
        send: () => answer,
      })
    const [thumb, heart] = answers
    const first = marked('👍', thumb?.promise ?? Promise.reject(new Error('no answer')))
    const second = marked('👍', heart?.promise ?? Promise.reject(new Error('no answer')))
    expect(stateOf(room).messages[0]?.reactions).toHaveLength(1)
    const third = marked('🎉', Promise.reject(new Error('unable to react')))
    expect(stateOf(room).messages[0]?.reactions.map(({ emoji }) => emoji)).toEqual(['👍', '🎉'])
    await expect(third).rejects.toThrow('unable to react')
    expect(stateOf(room).messages[0]?.reactions.map(({ emoji }) => emoji)).toEqual(['👍'])
    for (const { resolve } of answers) resolve(mine)
    await Promise.all([first, second])
    expect(stateOf(room).messages[0]?.reactions).toEqual([])
    unsubscribe()
  })

  test('another history of the room is answered by a snapshot', async () => {
    const roomId = await newRoom(3)
    const { chat, cut } = await open()
    const room = chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    const { state } = await becomes(room.view, isOpen)
    await server.app.services.database.db
      .updateTable('rooms')
      .set({ epoch_seed: newId() })
      .where('id', '=', roomId)
      .execute()
    cut()
    await becomes(
      room.view,
      (view) => isOpen(view) && view.state.position.split('.')[0] !== state.position.split('.')[0],
    )
    await say(roomId, 'Line 4')
    await becomes(room.view, (view) => isOpen(view) && view.messages.at(-1)?.content === 'Line 4')
    unsubscribe()
  })

  test('whoever is removed sees the room no more; whoever was never in it never did', async () => {
    const roomId = await newRoom(1)
    const [bob, cleo] = [await open('bob'), await open('cleo')]
    const room = bob.chat.room(roomId)
    const unsubscribe = room.view.subscribe(() => undefined)
    await becomes(room.view, isOpen)
    await server.caller('alice').member.remove({ roomId, userId: 'bob' })
    expect(await becomes(room.view, ({ phase }) => phase === 'gone')).toEqual({ phase: 'gone', cause: 'left' })
    unsubscribe()
    expect(await becomes(cleo.chat.room(roomId).view, ({ phase }) => phase !== 'loading')).toMatchObject({
      phase: 'gone',
    })
  })

  test('shown again it is at once as it was left, then as it is; a jump leads where it should meanwhile', async () => {
    const roomId = await newRoom(10)
    const { chat } = await open()
    const room = chat.room(roomId)
    const current = (view: RoomView) => isOpen(view) && view.isCurrent
    await becomes(room.view, current)
    await expect.poll(() => room.isInUse, { timeout: 5_000 }).toBe(false)
    await say(roomId, 'Line 11')

    const views: (readonly [boolean, string | undefined])[] = []
    const unsubscribe = room.view.subscribe(() => {
      const view = room.view.get()
      const shown = isOpen(view) && ([view.isCurrent, texts(view.messages).at(-1)] as const)
      // The first event of the stream shows the same once more.
      if (shown && !isDeepStrictEqual(shown, views.at(-1))) views.push(shown)
    })
    expect(texts(stateOf(room).messages)).toEqual(['Line 7', 'Line 8', 'Line 9', 'Line 10'])
    const [first, , , , , , , , , , last] = await history(roomId)
    await room.jumpTo(last?.id ?? '')
    expect(stateOf(room)).toMatchObject({ isCurrent: true, newer: 'none' })
    expect(views).toEqual([
      [false, 'Line 10'],
      [true, 'Line 11'],
    ])
    unsubscribe()
    await expect.poll(() => room.isInUse, { timeout: 5_000 }).toBe(false)

    const stop = room.view.subscribe(() => undefined)
    expect(stateOf(room).isCurrent).toBe(false)
    await room.jumpTo(first?.id ?? '')
    expect(texts(stateOf(room).messages)).toContain('Line 1')
    expect(stateOf(room)).toMatchObject({ isCurrent: true, newer: 'more' })
    stop()
  })

  test('all who look at a room share its stream, which ends a moment after the last has gone', async () => {
    const roomId = await newRoom(1)
    const { chat, sent } = await open()
    const listeners = [1, 2, 3].map(() => chat.room(roomId).view.subscribe(() => undefined))
    await becomes(chat.room(roomId).view, isOpen)
    for (const unsubscribe of listeners) unsubscribe()
    // As React's StrictMode does: gone, and back in the same breath.
    const back = chat.room(roomId).view.subscribe(() => undefined)
    await say(roomId, 'Line 2')
    await becomes(chat.room(roomId).view, (view) => isOpen(view) && view.messages.length === 2)
    back()
    await expect.poll(() => sent.includes('stop room.onEvent'), { timeout: 5_000 }).toBe(true)
    // Whoever still holds the store starts nothing that nobody would end.
    await chat.room(roomId).load()
    expect(sent.filter((path) => path === 'room.onEvent')).toHaveLength(1)
    expect(sent.filter((path) => path === 'room.snapshot')).toHaveLength(1)
    expect(chat.room(roomId).view.get().phase).toBe('loading')
  })
})

const isAtRest = ({ older, newer }: OpenRoom) => older !== 'loading' && newer !== 'loading'

/** Refusals are part of the game: a message that another step has deleted meanwhile. */
function refusal(error: unknown) {
  if (!(error instanceof Error && 'reason' in error) || error.reason === 'INTERNAL') throw error
}
