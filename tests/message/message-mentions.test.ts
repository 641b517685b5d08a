import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

interface Addressed {
  mentions?: string[]
  mentionsRoom?: boolean
  threadId?: string
}

const say = (userId: string, roomId: string, more: Addressed = {}) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello', ...more })

const countOf = async (userId: string, roomId: string) => {
  const { viewer } = await server.caller(userId).room.get({ roomId })
  return [viewer.unread, viewer.mentions]
}

describe('a mention', () => {
  test('names members, each once and in the order given; others are left out', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    await server.caller('dov').auth.me()
    await server.caller('ada').member.remove({ roomId, userId: 'cleo' })
    const client = await server.connect('ada')
    const sent = await client.message.send.mutate({
      roomId,
      clientId: newId(),
      content: 'Hello',
      mentions: ['dov', 'ben', 'cleo', 'nobody', 'ada', 'ben'],
    })
    expect([sent.mentions, sent.mentionsRoom]).toEqual([['ben', 'ada'], false])
    expect(await server.caller('ben').message.get({ roomId, messageId: sent.id })).toEqual(sent)
  })

  test('counts apart from unread until it is read, and never one’s own', async () => {
    const roomId = await roomOf('ada', 'ben')
    await say('ada', roomId)
    const mention = await say('ada', roomId, { mentions: ['ada', 'ben'] })
    await say('ada', roomId, { mentionsRoom: true, mentions: ['ben'] })
    expect(await countOf('ben', roomId)).toEqual([3, 2])
    expect(await countOf('ada', roomId)).toEqual([0, 0])
    await server.caller('ben').receipt.read({ roomId, seq: mention.seq })
    expect(await countOf('ben', roomId)).toEqual([1, 1])
    const backend = server.caller('backend', { role: 'service' })
    const own = { roomId, clientId: newId(), content: 'Mine', asUserId: 'ben', mentions: ['ben'], mentionsRoom: true }
    await backend.message.send(own)
    expect(await countOf('ben', roomId)).toEqual([1, 1])
    const inbox = await server.caller('ben').inbox.get()
    expect(inbox.rooms).toContainEqual(expect.objectContaining({ roomId, unread: 1, mentions: 1 }))
  })

  test('follows the message: an edit adds and removes it, a delete removes it', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const ada = server.caller('ada')
    const { id: messageId } = await say('ada', roomId, { mentions: ['ben'] })
    const edit = (more: Addressed) => ada.message.edit({ roomId, messageId, content: 'Hello again', ...more })
    expect((await edit({})).mentions).toEqual(['ben'])
    expect((await edit({ mentions: ['cleo', 'nobody'] })).mentions).toEqual(['cleo'])
    expect([await countOf('ben', roomId), await countOf('cleo', roomId)]).toEqual([
      [1, 0],
      [1, 1],
    ])
    expect((await edit({ mentionsRoom: true })).mentionsRoom).toBe(true)
    expect([await countOf('ben', roomId), await countOf('cleo', roomId)]).toEqual([
      [1, 1],
      [1, 1],
    ])
    // Mentions alone are no other content.
    expect(await ada.message.versions({ roomId, messageId })).toHaveLength(1)
    const tombstone = await ada.message.delete({ roomId, messageId })
    expect([tombstone.mentions, tombstone.mentionsRoom]).toEqual([[], false])
    expect(await countOf('cleo', roomId)).toEqual([0, 0])
  })

  test('is gone for who leaves, and does not come back', async () => {
    const roomId = await roomOf('ada', 'ben')
    await say('ada', roomId, { mentions: ['ben'] })
    await server.caller('ada').member.remove({ roomId, userId: 'ben' })
    await server.caller('ada').member.add({ roomId, userIds: ['ben'] })
    expect(await countOf('ben', roomId)).toEqual([0, 0])
    await say('ada', roomId, { mentions: ['ben'] })
    expect(await countOf('ben', roomId)).toEqual([1, 1])
  })

  test('of everybody takes the right to it, and is not for threads', async () => {
    const roomId = await roomOf('ada', 'ben')
    const reasonOf = (work: Promise<unknown>) =>
      work.then(
        () => 'SENT',
        (error: unknown) => (error instanceof ChatError ? error.reason : error),
      )
    const root = await say('ben', roomId)
    expect(await reasonOf(say('ben', roomId, { mentionsRoom: true }))).toBe('FORBIDDEN')
    expect(await reasonOf(say('ada', roomId, { mentionsRoom: true, threadId: root.id }))).toBe('INVALID_INPUT')
    await server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    expect((await say('ben', roomId, { mentionsRoom: true })).mentionsRoom).toBe(true)
  })

  test('in a batch with plain messages leaves those as they are', async () => {
    const roomId = await roomOf('ada', 'ben')
    const root = await say('ada', roomId)
    const sent = await Promise.all([
      say('ada', roomId),
      say('ben', roomId, { mentions: ['ada'] }),
      say('ben', roomId, { threadId: root.id }),
      say('ada', roomId),
    ])
    expect(sent.map(({ mentions, threadId }) => [mentions, threadId])).toEqual([
      [[], null],
      [['ada'], null],
      [[], root.id],
      [[], null],
    ])
    for (const message of sent) {
      expect(await server.caller('ada').message.get({ roomId, messageId: message.id })).toEqual(message)
    }
  })
})
