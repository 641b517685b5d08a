import { describe, expect, test } from 'vitest'
import type { BusMessage } from '../../server/bus/bus.ts'
import { decodeBusMessage, encodeBusMessage } from '../../server/bus/bus-codec.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const carried = (message: BusMessage): BusMessage => decodeBusMessage(encodeBusMessage('node', message))

describe('a message between nodes', () => {
  test('arrives as it was said: every type of change of a room, with its dates, and texts that only look like dates', async () => {
    await server.caller('ada').auth.me()
    await server.caller('ben').auth.me()
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room' })
    const { position } = await ada.room.changes({ roomId })
    const meta = { at: '2026-01-01T00:00:00.000Z', deep: { createdAt: '2026-01-01T00:00:00.000Z' } }
    const content = '2026-01-01T00:00:00.000Z'
    const sent = await ada.message.send({ roomId, clientId: newId(), content, meta })
    await ada.message.send({ roomId, clientId: newId(), content: 'Another' })
    await ada.message.edit({ roomId, messageId: sent.id, content: 'Edited' })
    await ada.member.add({ roomId, userIds: ['ben'] })

    await ada.room.update({ roomId, slowModeSeconds: 1, meta })
    const { events } = await ada.room.changes({ roomId, after: position })
    const { events: all } = await ada.room.changes({ roomId, after: position.replace(/\d+$/, '0') })
    const types = new Set<string>()
    for (const event of [...events, ...all]) {
      if (event.type === 'ready' || event.type === 'hidden' || event.type === 'reset') continue
      types.add(event.type)
      const message: BusMessage = { type: 'room.changed', epoch: 'abc', event }
      expect(carried(message)).toEqual(message)
    }
    expect([...types].sort()).toEqual(['member.joined', 'message.created', 'message.updated', 'room.updated'])
  })

  test('is refused where a date is missing or a part of it is of another kind', () => {
    const text = encodeBusMessage('node', { type: 'viewer.changed', roomId: 'one' })
    expect(decodeBusMessage(text)).toEqual({ type: 'viewer.changed', roomId: 'one' })
    expect(() => decodeBusMessage(text.replace('"one"', '1'))).toThrow('its shape is unknown')
    expect(() => decodeBusMessage(text.replace('[]', '[["editedAt"]]'))).toThrow('a date is missing')
    expect(() => decodeBusMessage(text.replace('[]', '[["roomId"]]'))).toThrow('a date is invalid')
    expect(() => decodeBusMessage(text.replace('2 ', '7 '))).toThrow('its version differs')
  })

  test('is refused where any field of a row is missing or of another kind', async () => {
    const ada = server.caller('ada')
    await server.caller('ben').auth.me()
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    await ada.message.send({ roomId, clientId: newId(), content: 'Aye' })
    await ada.room.update({ roomId, slowModeSeconds: 1 })
    const { position } = await ada.room.changes({ roomId })
    const { events } = await ada.room.changes({ roomId, after: position.replace(/\d+$/, '0') })
    const rows = new Set<string>()
    const taken: string[] = []
    for (const event of events) {
      if (event.type === 'ready' || event.type === 'hidden' || event.type === 'reset') continue
      const part = 'message' in event ? 'message' : 'member' in event ? 'member' : 'room'
      const row = 'message' in event ? event.message : 'member' in event ? event.member : event.room
      rows.add(part)
      const [head = '', json = ''] = encodeBusMessage('node', { type: 'room.changed', epoch: 'abc', event }).split(
        /(?<=node )/,
      )
      for (const field of Object.keys(row)) {
        for (const wrong of [undefined, 12.5]) {
          const [said, dates] = JSON.parse(json)
          said.event[part][field] = wrong
          const kept = dates.filter((path: string[]) => !path.includes(field))
          try {
            decodeBusMessage(`${head}${JSON.stringify([said, kept])}`)
            taken.push(`${part}.${field} as ${wrong}`)
          } catch (error) {
            expect(String(error)).toContain('its shape is unknown')
          }
        }
      }
    }
    expect([...rows].sort()).toEqual(['member', 'message', 'room'])
    expect(taken).toEqual([])
  })
})
