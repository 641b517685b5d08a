import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf, channelOf } = server

async function say(userId: string, roomId: string, content: string) {
  const meta = { mood: 'curious' }
  const { id: messageId } = await server.caller(userId).message.send({ roomId, clientId: newId(), content, meta })
  return { roomId, messageId }
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ChatError ? error.reason : error),
  )

describe('a forwarded message', () => {
  test('says what its source says and where that comes from, to a client over a socket as in a read', async () => {
    const source = await say('ben', await channelOf('ada', 'ben'), 'The boiler is hot')
    const toRoomId = await roomOf('ada', 'cleo')
    const ada = await server.connect('ada')
    const cleo = await server.connect('cleo')
    const events = cleo.room.onEvent.subscribe({ roomId: toRoomId })
    await events.next()
    const sent = await ada.message.forward.mutate({ ...source, toRoomId, clientId: newId() })
    expect(sent).toMatchObject({
      roomId: toRoomId,
      senderId: 'ada',
      content: 'The boiler is hot',
      meta: { mood: 'curious' },
      forwardedFrom: { ...source, senderId: 'ben', senderName: 'ben' },
    })
    expect((await events.next()).value.data).toMatchObject({ type: 'message.created', message: sent })
    expect(await cleo.message.get.query({ roomId: toRoomId, messageId: sent.id })).toEqual(sent)
    await events.return?.()
  })

  test('does not name a private room to people of another one, also not on a detour', async () => {
    const secret = await roomOf('ada', 'ben')
    const source = await say('ben', secret, 'In confidence')
    const toRoomId = await roomOf('ada', 'cleo')
    const ada = server.caller('ada')
    const direct = await ada.message.forward({ ...source, toRoomId, clientId: newId() })
    const unnamed = { roomId: null, messageId: null, senderId: 'ben', senderName: 'ben' }
    expect(direct.forwardedFrom).toEqual(unnamed)
    // Within the room it is named, and forwarded from there it is not.
    const within = await ada.message.forward({ ...source, toRoomId: secret, clientId: newId() })
    expect(within.forwardedFrom).toEqual({ ...unnamed, ...source })
    const again = { roomId: secret, messageId: within.id, toRoomId, clientId: newId() }
    expect((await ada.message.forward(again)).forwardedFrom).toEqual(unnamed)
  })

  test('is one, however often it is sent, and whatever became of the source', async () => {
    const source = await say('ada', await roomOf('ada', 'ben'), 'Once')
    const other = await say('ada', source.roomId, 'Another')
    const toRoomId = await roomOf('ada', 'cleo')
    const ada = server.caller('ada')
    const clientId = newId()
    const sent = await Promise.all(
      Array.from({ length: 10 }, () => ada.message.forward({ ...source, toRoomId, clientId })),
    )
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    expect(await refusal(ada.message.forward({ ...other, toRoomId, clientId }))).toBe('CLIENT_ID_REUSED')
    expect(await refusal(ada.message.send({ roomId: toRoomId, clientId, content: 'Once' }))).toBe('CLIENT_ID_REUSED')
    await ada.message.edit({ ...source, content: 'Edited' })
    expect(await ada.message.forward({ ...source, toRoomId, clientId })).toEqual(sent[0])
    await ada.message.delete(source)
    expect(await ada.message.forward({ ...source, toRoomId, clientId })).toEqual(sent[0])
    expect(await refusal(ada.message.forward({ ...source, toRoomId, clientId: newId() }))).toBe('MESSAGE_DELETED')
    expect((await ada.room.get({ roomId: toRoomId })).lastOrdinal).toBe(1)
  })

  test('needs a source in sight and a room to send in', async () => {
    const hidden = await say('ben', await roomOf('ben'), 'Not for Ada')
    const seen = await say('ada', await roomOf('ada', 'ben'), 'For both')
    const toRoomId = await roomOf('ben', 'ada')
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    const forward = (source: { roomId: string; messageId: string }, to = toRoomId) =>
      refusal(ada.message.forward({ ...source, toRoomId: to, clientId: newId() }))
    expect(await forward(hidden)).toBe('NOT_FOUND')
    expect(await forward(seen, hidden.roomId)).toBe('NOT_FOUND')
    await ben.member.mute({ roomId: toRoomId, userId: 'ada' })
    expect(await forward(seen)).toBe('MUTED')
    await ben.member.unmute({ roomId: toRoomId, userId: 'ada' })
    await ben.room.archive({ roomId: toRoomId })
    expect(await forward(seen)).toBe('ROOM_ARCHIVED')
  })

  test('can’t be made to say something else, and says nothing once it is deleted', async () => {
    const source = await say('ben', await roomOf('ada', 'ben'), 'The truth')
    const ada = server.caller('ada')
    const { id: messageId } = await ada.message.forward({ ...source, toRoomId: source.roomId, clientId: newId() })
    const target = { roomId: source.roomId, messageId }
    expect(await refusal(ada.message.edit({ ...target, content: 'A lie' }))).toBe('FORBIDDEN')
    expect(await ada.message.delete(target)).toMatchObject({ content: '', forwardedFrom: null })
  })
})

describe('the versions of a message', () => {
  test('are everybody’s after an edit, and the moderators’ alone after a delete', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const target = await say('ben', roomId, 'First')
    await server.caller('ben').message.edit({ ...target, content: 'Second' })
    expect(await server.caller('cleo').message.versions(target)).toMatchObject([{ content: 'First' }])
    await server.caller('ben').message.delete(target)
    for (const name of ['ben', 'cleo'])
      expect(await refusal(server.caller(name).message.versions(target))).toBe('FORBIDDEN')
    const kept = [{ content: 'Second' }, { content: 'First' }]
    expect(await server.caller('ada').message.versions(target)).toMatchObject(kept)
    await server.caller('ada').member.setRole({ roomId, userId: 'cleo', role: 'moderator' })
    expect(await server.caller('cleo').message.versions(target)).toMatchObject(kept)
  })
})
