import { describe, expect, test } from 'vitest'
import { EventLog } from '../support/event-log.ts'
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

  test('an answer in process is the caller’s own: what the caller makes of it is in nobody’s events', async () => {
    const ben = await server.connect('ben')
    await ben.auth.me.query()
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const log = await new EventLog(ben, roomId).until(({ events }) => events.length > 0)
    log.stop()
    // Nobody listens: the event waits in the feed's ring.
    const sent = await ada.message.send({ roomId, clientId: newId(), content: 'Hello Ben', meta: { deck: 1 } })
    const edited = await ada.message.edit({ roomId, messageId: sent.id, content: 'Hello again' })
    for (const answer of [sent, edited]) Object.assign(answer, { content: 'Changed' }).meta['deck'] = 2
    const { events } = await new EventLog(ben, roomId, log.positions[0]).until((later) => later.events.length >= 3)
    expect(events.slice(1)).toMatchObject(
      ['Hello Ben', 'Hello again'].map((content) => ({ message: { content, meta: { deck: 1 } } })),
    )
  })
})
