import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { type BusMessage, roomChannel } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { RoomBus } from '../../server/bus/room-bus.ts'
import type { RoomKey } from '../../server/lib/keys.ts'
import type { RoomLogEvent } from '../../shared/room-event.ts'
import { testBusContract } from '../contracts/bus-contract.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const memoryBus = () => new MemoryBus(pino({ level: 'silent' }))
const server = useTestApp()

testBusContract('of a server that changes rooms', async () => {
  const bus = new RoomBus(memoryBus(), () => undefined)
  return { nodes: [bus], close: () => bus.close() }
})

describe('a change of a room', () => {
  test('reaches the room’s channel and names the room; other messages name none', async () => {
    await server.caller('ada').auth.me()
    const { id: roomId, position } = await server.caller('ada').room.create({ kind: 'group', name: 'Engine room' })
    await server.caller('ada').message.send({ roomId, clientId: newId(), content: 'Hello' })
    const { events } = await server.caller('ada').room.changes({ roomId, after: position })
    const event = events.find((each): each is RoomLogEvent => each.type === 'message.created')
    if (!event) throw new Error('No event of the message')

    const room = { tenantId: 'default:with:colons', roomId }
    const changed: RoomKey[] = []
    const bus = new RoomBus(memoryBus(), (key) => changed.push(key))
    const heard: BusMessage[] = []
    const channel = roomChannel(room.tenantId, roomId)
    await bus.subscribe(channel, (message) => heard.push(message))
    bus.publishChange(room, 'abc', event)
    bus.publish(channel, { type: 'receipt.moved', userId: 'ada' })
    expect(heard).toEqual([
      { type: 'room.changed', epoch: 'abc', event },
      { type: 'receipt.moved', userId: 'ada' },
    ])
    expect(changed).toEqual([room])
    await bus.close()
  })
})
