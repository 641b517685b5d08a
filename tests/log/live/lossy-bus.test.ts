import { describe, expect, test } from 'vitest'
import type { Bus, BusListener, BusMessage } from '../../../server/bus/bus.ts'
import { MemoryBus } from '../../../server/bus/memory-bus.ts'
import { EventLog, gaps } from '../../support/event-log.ts'
import { newId, useTestApp } from '../../support/test-app.ts'

/** A bus that delivers only what `passes` lets through. */
class LossyBus implements Bus {
  readonly isUp = true
  readonly #bus: Bus
  passes: (message: BusMessage) => boolean = () => true

  constructor(bus: Bus) {
    this.#bus = bus
  }

  publish(channel: string, message: BusMessage): void {
    if (this.passes(message)) this.#bus.publish(channel, message)
  }

  onHealthChange(listener: () => void) {
    return this.#bus.onHealthChange(listener)
  }

  subscribe(channel: string, listener: BusListener) {
    return this.#bus.subscribe(channel, listener)
  }

  close() {
    return this.#bus.close()
  }
}

let bus: LossyBus | undefined
const server = useTestApp(
  {},
  {
    reconcileMs: 100,
    bus: (log) => {
      bus = new LossyBus(new MemoryBus(log))
      return bus
    },
  },
)

async function room(): Promise<string> {
  await server.caller('ada').auth.me()
  return (await server.caller('ada').room.create({ kind: 'group', name: 'Engine room' })).id
}

const say = (roomId: string, content: string) =>
  server.caller('ada').message.send({ roomId, clientId: newId(), content })

describe('a feed', () => {
  test('outlives its last subscriber for a while, and serves the one who comes back; a stranger leaves none behind', async () => {
    const roomId = await room()
    const { feeds } = server.app.services
    const before = feeds.size
    const stop = new AbortController()
    const stranger = server.app.createCaller({ userId: 'eve' }, { signal: stop.signal })
    const refused = await stranger.room.onEvent({ roomId })
    await expect(refused[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    expect(feeds.size).toBe(before)

    const ada = await server.connect('ada')
    const first = await new EventLog(ada, roomId).until(({ events }) => events.length === 1)
    first.stop()
    await say(roomId, 'While nobody looks')
    expect(feeds.size).toBe(before + 1)
    const again = await new EventLog(ada, roomId, first.positions[0]).until(({ contents }) => contents.length === 1)
    expect(gaps(again.events)).toEqual([])
    again.stop()
  })
})

describe('the bus is a hint', () => {
  test('with every message lost, the poll delivers', async () => {
    const roomId = await room()
    const log = await new EventLog(await server.connect('ada'), roomId).until(({ events }) => events.length === 1)
    if (bus) bus.passes = () => false
    for (const content of ['one', 'two', 'three']) await say(roomId, content)
    await log.until(({ contents }) => contents.length === 3)
    expect(log.contents).toEqual(['one', 'two', 'three'])
    expect(gaps(log.events)).toEqual([])
  })

  test('with one message lost, the next one makes the feed fill the gap', async () => {
    const roomId = await room()
    const log = await new EventLog(await server.connect('ada'), roomId).until(({ events }) => events.length === 1)
    if (bus) bus.passes = () => false
    await say(roomId, 'lost')
    if (bus) bus.passes = () => true
    await say(roomId, 'found')
    await log.until(({ contents }) => contents.length === 2)
    expect(log.contents).toEqual(['lost', 'found'])
    expect(gaps(log.events)).toEqual([])
  })

  test('with the word of it lost, a member who was added sees the room in the inbox all the same', async () => {
    await room()
    const ben = await server.connect('ben')
    await ben.auth.me.query()
    const inbox = ben.inbox.onEvent.subscribe(undefined)
    await inbox.next()
    if (bus) bus.passes = () => false
    const added = await server.caller('ada').room.create({ kind: 'group', name: 'With Ben', memberIds: ['ben'] })
    expect((await inbox.next()).value).toMatchObject({ type: 'room.added', room: { id: added.id } })
    await inbox.return?.()
  })
})
