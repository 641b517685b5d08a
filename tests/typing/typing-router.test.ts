import { describe, expect, test } from 'vitest'
import type { Typing } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { typingExpireMs: 200 })

const names = (typing: Typing | undefined) => typing?.users.map((user) => user.id)

async function watched() {
  const ada = await server.connect('ada')
  const ben = await server.connect('ben')
  await ben.auth.me.query()
  const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
  const list = ada.typing.onChange.subscribe({ roomId })
  expect(names((await list.next()).value)).toEqual([])
  return { ada, ben, roomId, list }
}

describe('typing', () => {
  test('shows who types until they stop', async () => {
    const { ben, roomId, list } = await watched()
    await ben.typing.set.mutate({ roomId, isTyping: true })
    expect((await list.next()).value).toEqual({ users: [{ id: 'ben', name: 'ben', pictureUrl: null }] })
    await ben.typing.set.mutate({ roomId, isTyping: false })
    expect(names((await list.next()).value)).toEqual([])
    await list.return?.()
  })

  test('expires by itself, and ends with the message', async () => {
    const { ben, roomId, list } = await watched()
    await ben.typing.set.mutate({ roomId, isTyping: true })
    expect(names((await list.next()).value)).toEqual(['ben'])
    expect(names((await list.next()).value)).toEqual([])
    await ben.typing.set.mutate({ roomId, isTyping: true })
    expect(names((await list.next()).value)).toEqual(['ben'])
    await ben.message.send.mutate({ roomId, clientId: newId(), content: 'Done' })
    expect(names((await list.next()).value)).toEqual([])
    await list.return?.()
  })

  test('a blocked peer may not say that they type, and can stop', async () => {
    const { ada, ben } = await watched()
    const { id: roomId } = await ada.room.direct.mutate({ userId: 'ben' })
    const list = ada.typing.onChange.subscribe({ roomId })
    expect(names((await list.next()).value)).toEqual([])
    await ben.typing.set.mutate({ roomId, isTyping: true })
    expect(names((await list.next()).value)).toEqual(['ben'])
    await ada.user.block.mutate({ userId: 'ben' })
    await expect(ben.typing.set.mutate({ roomId, isTyping: true })).rejects.toMatchObject({
      data: { reason: 'BLOCKED' },
    })
    await ben.typing.set.mutate({ roomId, isTyping: false })
    expect(names((await list.next()).value)).toEqual([])
    // The refused call told nobody: the next news is Ada's own.
    await expect(ben.typing.set.mutate({ roomId, isTyping: true })).rejects.toMatchObject({
      data: { reason: 'BLOCKED' },
    })
    await ada.typing.set.mutate({ roomId, isTyping: true })
    expect(names((await list.next()).value)).toEqual(['ada'])
    await ada.user.unblock.mutate({ userId: 'ben' })
    await list.return?.()
  })

  test('the stream ends with the membership', async () => {
    const { ada, ben, roomId } = await watched()
    const list = ben.typing.onChange.subscribe({ roomId })
    await list.next()
    await ada.member.remove.mutate({ roomId, userId: 'ben' })
    await expect(list.next()).rejects.toMatchObject({ data: { reason: 'NOT_A_MEMBER' } })
  })
})
