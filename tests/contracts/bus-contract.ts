import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { type Bus, type BusMessage, roomChannel, userChannel } from '../../server/bus/bus.ts'

/** Nodes that share one bus; the memory's has one node alone. */
export interface BusWorld {
  nodes: Bus[]
  close(): Promise<void>
}

const typing = (id: string): BusMessage => ({
  type: 'typing.changed',
  user: { id, name: id, pictureUrl: null },
  isTyping: true,
})
const done: BusMessage = { type: 'user.changed' }

/** What comes in on a channel, and a way to wait for it. */
class Inbox {
  readonly messages: BusMessage[] = []
  #changed = Promise.withResolvers<void>()

  readonly take = (message: BusMessage): void => {
    this.messages.push(message)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async until(count: number): Promise<BusMessage[]> {
    while (this.messages.length < count) await this.#changed.promise
    return this.messages
  }
}

/** What every Bus promises, seen from its first and its last node, which may be the same. */
export function testBusContract(name: string, open: () => Promise<BusWorld>): void {
  describe(`the bus contract, ${name}`, () => {
    const worlds: BusWorld[] = []
    const world = async () => {
      const opened = await open()
      worlds.push(opened)
      const [here] = opened.nodes
      const there = opened.nodes.at(-1)
      if (!here || !there) throw new Error('A world has at least one node')
      return { here, there, nodes: opened.nodes }
    }
    afterEach(async () => {
      for (const each of worlds.splice(0)) await each.close()
    })

    test('a message reaches every listener of its channel on every node, and nobody else', async () => {
      const { here, there } = await world()
      const [channel, other] = [roomChannel('default', randomUUID()), roomChannel('default', randomUUID())]
      const [first, second, elsewhere] = [new Inbox(), new Inbox(), new Inbox()]
      await Promise.all([
        here.subscribe(channel, first.take),
        there.subscribe(channel, second.take),
        there.subscribe(other, elsewhere.take),
      ])
      here.publish(channel, typing('ada'))
      expect(await first.until(1)).toEqual([typing('ada')])
      expect(await second.until(1)).toEqual([typing('ada')])
      here.publish(other, done)
      expect(await elsewhere.until(1)).toEqual([done])
      expect(second.messages).toHaveLength(1)
    })

    test('listeners on the publishing node have it when publish returns', async () => {
      const { here } = await world()
      const inbox = new Inbox()
      await here.subscribe('a channel', inbox.take)
      here.publish('a channel', done)
      expect(inbox.messages).toEqual([done])
    })

    test('messages of one publisher arrive in order, each once', async () => {
      const { here, there } = await world()
      const channel = userChannel('default', randomUUID())
      const inbox = new Inbox()
      await there.subscribe(channel, inbox.take)
      const sent = Array.from({ length: 500 }, (_, index) => typing(`${index}`))
      for (const message of sent) here.publish(channel, message)
      here.publish(channel, done)
      expect(await inbox.until(501)).toEqual([...sent, done])
    })

    test('who has unsubscribed hears nothing more, and the others do; unsubscribing twice is once', async () => {
      const { here, there } = await world()
      const channel = roomChannel('default', randomUUID())
      const [leaving, staying] = [new Inbox(), new Inbox()]
      const leave = await there.subscribe(channel, leaving.take)
      await there.subscribe(channel, staying.take)
      leave()
      leave()
      here.publish(channel, done)
      await staying.until(1)
      expect(leaving.messages).toEqual([])
    })

    test('the same function may listen twice, and leave once', async () => {
      const { here } = await world()
      const inbox = new Inbox()
      const leave = await here.subscribe('a channel', inbox.take)
      await here.subscribe('a channel', inbox.take)
      leave()
      here.publish('a channel', done)
      expect(inbox.messages).toEqual([done])
    })

    test('subscribing and unsubscribing in haste leaves what was wanted last', async () => {
      const { here, there } = await world()
      const channel = roomChannel('default', randomUUID())
      const [last, gone] = [new Inbox(), new Inbox()]
      const pending = Array.from({ length: 20 }, () => there.subscribe(channel, gone.take))
      for (const each of pending) (await each)()
      const leave = await there.subscribe(channel, gone.take)
      const staying = there.subscribe(channel, last.take)
      leave()
      await staying
      here.publish(channel, done)
      expect(await last.until(1)).toEqual([done])
      expect(gone.messages).toEqual([])
    })

    test('a listener that throws is nobody else’s trouble', async () => {
      const { here, there } = await world()
      const channel = roomChannel('default', randomUUID())
      const inbox = new Inbox()
      await there.subscribe(channel, () => {
        throw new Error('on purpose')
      })
      await there.subscribe(channel, inbox.take)
      expect(() => here.publish(channel, done)).not.toThrow()
      expect(await inbox.until(1)).toEqual([done])
    })

    test('a bus that is not down says so, and publishing to nobody is fine', async () => {
      const { here, there } = await world()
      expect([here.isUp, there.isUp]).toEqual([true, true])
      here.publish(roomChannel('default', randomUUID()), done)
    })

    test('after its end it publishes to nobody, without failing', async () => {
      const { here } = await world()
      const inbox = new Inbox()
      await here.subscribe('a channel', inbox.take)
      await here.close()
      here.publish('a channel', done)
      expect(inbox.messages).toEqual([])
    })
  })
}
