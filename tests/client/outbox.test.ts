import { afterEach, describe, expect, test } from 'vitest'
import {
  KeyValueOutboxStorage,
  type KeyValueStorage,
  Outbox,
  OutboxFullError,
  type OutboxOptions,
} from '../../client/client-entry.ts'
import { runAlone } from '../../client/outbox/run-alone.ts'
import { LIMITS } from '../../shared/index.ts'
import { becomes, type TappedClient, tapClient } from '../support/tapped-client.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp({ rateLimit: false })

/** What a browser's localStorage does, on a Map that can be looked into and put back. */
class MapStorage implements KeyValueStorage {
  kept = new Map<string, string>()
  get length() {
    return this.kept.size
  }
  key(index: number) {
    return [...this.kept.keys()][index] ?? null
  }
  getItem(key: string) {
    return this.kept.get(key) ?? null
  }
  setItem(key: string, value: string) {
    this.kept.set(key, value)
    this.#tell(key)
  }
  removeItem(key: string) {
    this.kept.delete(key)
    this.#tell(key)
  }

  readonly #listeners = new Set<(key: string) => void>()
  readonly changes = (listener: (key: string) => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  #tell(key: string) {
    for (const listener of this.#listeners) setImmediate(listener, key)
  }
}

const NAME = 'confab.outbox/default/alice'
const running: { outbox: Outbox; tap: TappedClient }[] = []

/** One tab: an outbox of Alice's on a storage. */
async function openTab(area: MapStorage, options: Partial<OutboxOptions> = {}) {
  const tap = await tapClient(server.url, 'alice')
  const outbox = new Outbox(tap.client, {
    name: NAME,
    storage: new KeyValueOutboxStorage(area, NAME, area.changes),
    ...options,
  })
  running.push({ outbox, tap })
  return { outbox, tap }
}

afterEach(async () => {
  for (const { outbox, tap } of running.splice(0)) {
    outbox.stop()
    await tap.client.close()
  }
})

async function newRoom(slowModeSeconds = 0): Promise<string> {
  for (const name of ['alice', 'bob']) await server.caller(name).auth.me()
  const bob = server.caller('bob')
  const { id: roomId } = await bob.room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['alice'] })
  if (slowModeSeconds) await bob.room.update({ roomId, slowModeSeconds })
  return roomId
}

/** What the room has, oldest first. */
async function contents(roomId: string): Promise<string[]> {
  const { items } = await server.caller('bob').message.list({ roomId, limit: 100 })
  return items.toReversed().map(({ content }) => content)
}

const isAllSent = (entries: readonly { phase: string }[]) => entries.every(({ phase }) => phase === 'sent')
const sends = ({ sent }: TappedClient) => sent.filter((path) => path === 'message.send').length

describe('the outbox', () => {
  test('what was written before a reload is sent after it, in order, under the clientIds that it was written with', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    const before = await openTab(area)
    const written = ['Good morning', 'Are the proofs here?'].map((content) => before.outbox.send(roomId, { content }))

    const { outbox } = await openTab(area)
    outbox.start()
    await becomes(outbox.entries, (entries) => entries.length === 2 && isAllSent(entries))
    expect(await contents(roomId)).toEqual(['Good morning', 'Are the proofs here?'])
    expect(outbox.entries.get().map(({ clientId }) => clientId)).toEqual(written.map(({ clientId }) => clientId))
    expect(area.length).toBe(0)
  })

  test('a page that died after the server had written, and before it knew, does not write twice', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    const before = await openTab(area)
    before.outbox.send(roomId, { content: 'Thursday it is' })
    const atDeath = new Map(area.kept)
    before.outbox.start()
    const [first] = await becomes(before.outbox.entries, isAllSent)
    before.outbox.stop()

    area.kept = atDeath
    const { outbox, tap } = await openTab(area)
    outbox.start()
    const [again] = await becomes(outbox.entries, (entries) => entries.length === 1 && isAllSent(entries))
    expect(sends(tap)).toBe(1)
    expect(again?.seq).toBe(first?.seq)
    expect(await contents(roomId)).toEqual(['Thursday it is'])
  })

  test('offline it waits, over cuts it goes on, and the order is that of writing', async () => {
    const roomId = await newRoom()
    const { outbox, tap } = await openTab(new MapStorage())
    outbox.start()
    await tap.client.auth.me.query()
    tap.goOffline(true)
    const words = Array.from({ length: 30 }, (_, index) => `Line ${index + 1}`)
    for (const content of words) outbox.send(roomId, { content })
    tap.goOffline(false)
    for (const at of [5, 12, 20]) {
      await becomes(outbox.entries, (entries) => entries.filter(({ phase }) => phase === 'sent').length >= at)
      tap.cut()
    }
    await becomes(outbox.entries, isAllSent)
    expect(await contents(roomId)).toEqual(words)
  })

  test('slow mode is waited for as long as the server says; what no retry can help is given up with its reason, and holds nobody back', async () => {
    const roomId = await newRoom(1)
    const { outbox } = await openTab(new MapStorage())
    outbox.start()
    const [, tooLong] = ['One', 'x'.repeat(LIMITS.content + 1), 'Two'].map((content) =>
      outbox.send(roomId, { content }),
    )
    await becomes(outbox.entries, (entries) => entries.every(({ phase }) => phase === 'sent' || phase === 'failed'))
    expect(await contents(roomId)).toEqual(['One', 'Two'])
    const failed = outbox.entries.get().find(({ clientId }) => clientId === tooLong?.clientId)
    expect(failed).toMatchObject({
      phase: 'failed',
      failure: { reason: 'INVALID_INPUT', issues: [{ path: 'content' }] },
    })
    outbox.discard(tooLong?.clientId ?? '')
    expect(outbox.entries.get().map(({ message }) => message.content)).toEqual(['One', 'Two'])
  })

  test('a wait beyond its patience is left to a person, who can try again, also after a reload', async () => {
    const roomId = await newRoom()
    await server.caller('bob').member.mute({ roomId, userId: 'alice' })
    const area = new MapStorage()
    const muted = await openTab(area)
    muted.outbox.start()
    muted.outbox.send(roomId, { content: 'May I?' })
    await becomes(muted.outbox.entries, ([entry]) => entry?.phase === 'failed')
    expect(muted.outbox.entries.get()[0]?.failure?.reason).toBe('MUTED')
    muted.outbox.stop()

    await server.caller('bob').member.unmute({ roomId, userId: 'alice' })
    const { outbox } = await openTab(area)
    outbox.start()
    const [entry] = outbox.entries.get()
    expect(entry?.failure?.reason).toBe('MUTED')
    outbox.retry(entry?.clientId ?? '')
    await becomes(outbox.entries, (entries) => entries.length === 1 && isAllSent(entries))
    expect(await contents(roomId)).toEqual(['May I?'])
  })

  test('two tabs with one outbox never send at once; each message leaves once, and what a closed tab left the other sends', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    let atOnce = 0
    let most = 0
    const counted: Partial<OutboxOptions> = {
      runAlone: (name, signal, work) =>
        runAlone(name, signal, async () => {
          most = Math.max(most, ++atOnce)
          await work().finally(() => atOnce--)
        }),
    }
    const [left, right] = [await openTab(area, counted), await openTab(area, counted)]
    left.outbox.start()
    right.outbox.start()
    const words = Array.from({ length: 20 }, (_, index) => `Line ${index + 1}`)
    words.forEach((content, index) => (index % 2 ? left : right).outbox.send(roomId, { content }))
    // The first to write has the turn, and sends for both, until it is closed.
    await becomes(right.outbox.entries, (entries) => entries.some(({ phase }) => phase === 'sent'))
    right.outbox.stop()
    await becomes(left.outbox.entries, isAllSent)
    await expect.poll(() => area.length).toBe(0)
    const arrived = await contents(roomId)
    expect(arrived.toSorted()).toEqual(words.toSorted())
    for (const parity of [0, 1]) {
      const ofOneTab = words.filter((_, index) => index % 2 === parity)
      expect(arrived.filter((content) => ofOneTab.includes(content))).toEqual(ofOneTab)
    }
    expect(most).toBe(1)
    // The one that was on its way when its tab closed may have left twice; the server knew it.
    expect(sends(left.tap) + sends(right.tap)).toBeLessThanOrEqual(words.length + 1)
  })

  test('a storage that refuses costs the reload, not the message; what is full refuses the next', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    area.setItem = () => {
      throw new Error('QuotaExceededError')
    }
    const { outbox } = await openTab(area)
    for (let written = 0; written < 200; written++) outbox.send(roomId, { content: `Line ${written}` })
    expect(() => outbox.send(roomId, { content: 'One too many' })).toThrow(OutboxFullError)
    for (const { clientId } of outbox.entries.get().slice(1)) outbox.discard(clientId)
    outbox.start()
    await becomes(outbox.entries, isAllSent)
    expect(await contents(roomId)).toEqual(['Line 0'])
  })

  test('what has lain for a week, or is not a message at all, is not sent by itself', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    area.setItem(`${NAME}/broken`, '{"clientId":')
    area.setItem('somebody/else', 'untouched')
    const { outbox: before } = await openTab(area)
    const { clientId } = before.send(roomId, { content: 'Long ago' })
    const kept: object = JSON.parse(area.getItem(`${NAME}/${clientId}`) ?? '')
    area.setItem(`${NAME}/${clientId}`, JSON.stringify({ ...kept, writtenAt: Date.now() - 8 * 86_400_000 }))

    const { outbox, tap } = await openTab(area)
    outbox.start()
    expect(outbox.entries.get().map(({ phase }) => phase)).toEqual(['failed'])
    outbox.retry(clientId)
    await becomes(outbox.entries, isAllSent)
    expect(sends(tap)).toBe(1)
    expect(area.getItem('somebody/else')).toBe('untouched')
  })

  test('a server that lets nobody in any more fails no message: it waits for the next sign-in', async () => {
    const roomId = await newRoom()
    const area = new MapStorage()
    const { outbox, tap } = await openTab(area)
    outbox.start()
    await tap.client.auth.me.query()
    await tap.client.auth.revokeAll.mutate()
    await becomes(
      { get: () => tap.client.connection.state, subscribe: (listener) => tap.client.connection.subscribe(listener) },
      ({ status }) => status === 'closed',
    )
    outbox.send(roomId, { content: 'After the revocation' })
    await Promise.resolve()
    expect(outbox.entries.get().map(({ phase }) => phase)).toEqual(['waiting'])
    expect(area.length).toBe(1)
  })
})
