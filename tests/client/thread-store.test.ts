import { afterEach, describe, expect, test } from 'vitest'
import { reacting } from '../../client/client-entry.ts'
import { becomes, openTapped } from '../support/tapped-client.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const opened: Awaited<ReturnType<typeof openTapped>>[] = []
const ends: (() => void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) end()
  for (const { client } of opened.splice(0)) await client.close()
})

/** A room with a message of Alice's, live at Alice. */
async function withRoot() {
  for (const name of ['alice', 'bob']) await server.caller(name).auth.me()
  const room = await server.caller('alice').room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['bob'] })
  const root = await server.caller('alice').message.send({ roomId: room.id, clientId: newId(), content: 'Root' })
  const alice = await openTapped(server.url, 'alice')
  opened.push(alice)
  const { view } = alice.chat.room(room.id)
  ends.push(view.subscribe(() => undefined))
  await becomes(view, ({ phase }) => phase === 'open')
  return { ...alice, roomId: room.id, root }
}

const reply = (roomId: string, threadId: string, content: string) =>
  server.caller('bob').message.send({ roomId, threadId, clientId: newId(), content })

describe('a thread', () => {
  test('has its newest replies, pages back to the first, and takes in what comes, each once', async () => {
    const { chat, roomId, root } = await withRoot()
    const contents = Array.from({ length: 60 }, (_, number) => `Reply ${number + 1}`)
    for (const content of contents) await reply(roomId, root.id, content)
    const thread = chat.thread(roomId, root.id)
    const shown = () => {
      const view = thread.view.get()
      return view.phase === 'open' ? view.replies.map(({ content }) => content) : []
    }
    ends.push(thread.view.subscribe(() => undefined))
    await expect.poll(() => shown()).toEqual(contents.slice(10))
    const [added] = await Promise.all([reply(roomId, root.id, 'Reply 61'), thread.loadOlder()])
    await expect.poll(() => shown()).toEqual([...contents, 'Reply 61'])
    await server.caller('bob').message.edit({ roomId, messageId: added.id, content: 'Reply 61, rewritten' })
    await expect.poll(() => shown().at(-1)).toBe('Reply 61, rewritten')
    await expect
      .poll(() => {
        const view = thread.view.get()
        return view.phase === 'open' && [view.root.thread?.count, view.older]
      })
      .toEqual([61, 'none'])
  })

  test('shows a reaction before the server has answered, and takes a refused one back', async () => {
    const { chat, client, roomId, root } = await withRoot()
    const { id: messageId } = await reply(roomId, root.id, 'Look at this')
    const thread = chat.thread(roomId, root.id)
    const reactions = () => {
      const view = thread.view.get()
      return view.phase === 'open' ? view.replies[0]?.reactions.map(({ emoji, count }) => `${emoji} ${count}`) : []
    }
    ends.push(thread.view.subscribe(() => undefined))
    await becomes(thread.view, ({ phase }) => phase === 'open')
    const react = (emoji: string, isOn: boolean) =>
      thread.change(reacting(client, { roomId, messageId }, { emoji, userId: 'alice', isOn }))
    const added = react('🎉', true)
    expect(reactions()).toEqual(['🎉 1'])
    await added
    expect(reactions()).toEqual(['🎉 1'])
    const refused = react('not one', true)
    expect(reactions()).toEqual(['🎉 1', 'not one 1'])
    await expect(refused).rejects.toThrow()
    expect(reactions()).toEqual(['🎉 1'])
    const taken = react('🎉', false)
    expect(reactions()).toEqual([])
    await taken
  })

  test('of another room, or none, fails with the reason', async () => {
    const { chat, roomId } = await withRoot()
    const thread = chat.thread(roomId, newId())
    ends.push(thread.view.subscribe(() => undefined))
    const view = await becomes(thread.view, ({ phase }) => phase === 'failed')
    expect(view.phase === 'failed' && view.failure.reason).toBe('NOT_FOUND')
  })
})

describe('receipts', () => {
  test('are all there, and move when somebody reads', async () => {
    const { chat, roomId, root } = await withRoot()
    const { receipts } = chat.receipts(roomId)
    ends.push(receipts.subscribe(() => undefined))
    await becomes(receipts, (known) => known.size === 2)
    await server.caller('bob').receipt.read({ roomId, seq: root.seq })
    await becomes(receipts, (known) => known.get('bob')?.readSeq === root.seq)
  })
})
