import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

describe('message.send', () => {
  test('a message reaches the other client as a typed event', async () => {
    const ada = await server.connect('ada')
    const ben = await server.connect('ben')
    await ben.auth.me.query()
    const room = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const events = ben.room.onEvent.subscribe({ roomId: room.id })
    const ready = await events.next()
    expect(ready.value.data).toMatchObject({ type: 'ready' })
    const sent = await ada.message.send.mutate({ roomId: room.id, clientId: newId(), content: 'Hello Ben' })
    const next = await events.next()
    expect(next.value.data).toEqual({ type: 'message.created', seq: sent.seq, prev: sent.seq - 1, message: sent })
    await events.return?.()
  })
})
