import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RoomFeed } from '../../../server/log/live/room-feed.ts'
import { type LogFill } from '../../../server/log/room-log.ts'
import type { LogEvent, Message, MessageEvent } from '../../../shared/index.ts'

const EPOCH = 'e'.repeat(12)

function message(seq: number, content: string, deletedAt: Date | null = null): Message {
  const sender = { id: 'ada', name: 'Ada', pictureUrl: null }
  const none = { replyToId: null, forwardedFrom: null, threadId: null, thread: null, pinnedAt: null, editedAt: null }
  const empty = { mentions: [], mentionsRoom: false, reactions: [], attachments: [], meta: {} }
  const own = { id: `m${seq}`, roomId: 'r', seq, changedSeq: seq, ordinal: seq, senderId: 'ada', sender, clientId: 'c' }
  return { ...own, ...none, ...empty, isOnBehalf: false, kind: 'text', content, createdAt: new Date(0), deletedAt }
}

const event = (seq: number, prev = seq - 1): MessageEvent => ({
  type: 'message.created',
  seq,
  prev,
  message: message(seq, `number ${seq}`),
})

/** A room's log in the database, up to `head`. */
class Log {
  head = 0
  reads = 0
  epoch = EPOCH

  read = async (after: number): Promise<LogFill> => {
    this.reads++
    const events = Array.from({ length: this.head - after }, (_, index) => event(after + 1 + index))
    return { epoch: this.epoch, lastSeq: this.head, events: events.length > 50 ? undefined : events }
  }
}

function feedOf(log: Log, limits: { maxEvents?: number; maxBytes?: number } = {}) {
  const told: LogEvent[] = []
  const restarts: number[] = []
  let bytes = 0
  const feed = new RoomFeed({
    readLog: (after) => log.read(after),
    onResize: (change) => {
      bytes += change
    },
    reorderMs: 20,
    maxEvents: 1_000,
    maxBytes: 1 << 20,
    ...limits,
  })
  feed.listen({
    onEvents: (events) => told.push(...events.map((each) => each.log)),
    onRestart: () => restarts.push(feed.head),
  })
  return { feed, told, restarts, bytes: () => bytes }
}

const seqs = (events: { seq: number }[] | undefined) => events?.map(({ seq }) => seq)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a feed', () => {
  test('appends what follows and drops what it has', () => {
    const { feed, told } = feedOf(new Log())
    feed.start(EPOCH, 3)
    for (const seq of [3, 4, 5, 4, 2]) feed.receive(EPOCH, event(seq))
    expect(seqs(told)).toEqual([4, 5])
    expect(seqs(feed.after(3))).toEqual([4, 5])
    expect(seqs(feed.after(4))).toEqual([5])
    expect(feed.after(5)).toEqual([])
    expect(feed.after(2)).toBeUndefined()
  })

  test('waits 20 ms for the predecessor of an early event, without a read where it comes', async () => {
    const log = new Log()
    const { feed, told } = feedOf(log)
    feed.start(EPOCH, 0)
    for (const seq of [3, 2]) feed.receive(EPOCH, event(seq))
    await vi.advanceTimersByTimeAsync(19)
    expect(told).toEqual([])
    feed.receive(EPOCH, event(1))
    expect(seqs(told)).toEqual([1, 2, 3])
    log.head = 3
    await vi.advanceTimersByTimeAsync(100)
    expect(seqs(told)).toEqual([1, 2, 3])
  })

  test('fills a gap with one read, and takes what came meanwhile after it', async () => {
    const log = new Log()
    const { feed, told } = feedOf(log)
    feed.start(EPOCH, 0)
    log.head = 4
    feed.receive(EPOCH, event(4))
    feed.receive(EPOCH, event(6))
    await vi.advanceTimersByTimeAsync(20)
    expect(seqs(told)).toEqual([1, 2, 3, 4])
    expect(log.reads).toBe(1)
    feed.receive(EPOCH, event(5))
    expect(seqs(told)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('takes an interval that overlaps what it has', () => {
    const { feed, told } = feedOf(new Log())
    feed.start(EPOCH, 5)
    feed.receive(EPOCH, event(9, 3))
    expect(told).toEqual([event(9, 3)])
  })

  test('learns of a head that the bus never mentioned', async () => {
    const log = new Log()
    const { feed, told } = feedOf(log)
    feed.start(EPOCH, 0)
    log.head = 2
    feed.learnHead(EPOCH, 2)
    await vi.advanceTimersByTimeAsync(20)
    expect(seqs(told)).toEqual([1, 2])
  })

  test('keeps what came before it was started', () => {
    const { feed, told } = feedOf(new Log())
    for (const seq of [7, 8]) feed.receive(EPOCH, event(seq))
    feed.start(EPOCH, 7)
    expect(seqs(told)).toEqual([8])
  })

  test('starts anew where the gap is too far, and in another epoch', async () => {
    const log = new Log()
    const { feed, restarts } = feedOf(log)
    feed.start(EPOCH, 0)
    log.head = 100
    feed.learnHead(EPOCH, 100)
    await vi.advanceTimersByTimeAsync(20)
    expect(restarts).toEqual([100])
    expect(feed.after(50)).toBeUndefined()
    feed.learnHead('f'.repeat(12), 10)
    expect(feed.epoch).toBe('f'.repeat(12))
    expect(restarts).toEqual([100, 10])
  })

  test('takes nothing of another epoch, whether it came before the start or while a gap was filled', async () => {
    const [log, other] = [new Log(), 'f'.repeat(12)]
    const { feed, told } = feedOf(log)
    feed.receive(other, event(6))
    feed.start(EPOCH, 5)
    expect(seqs(told)).toEqual([])
    feed.close()
    // The same log in a history of its own, in which 7 is another message than the one that is on its way.
    const { promise, resolve } = Promise.withResolvers<LogFill>()
    log.read = () => promise
    const failedOver = feedOf(log)
    failedOver.feed.start(EPOCH, 4)
    failedOver.feed.receive(EPOCH, event(6))
    await vi.advanceTimersByTimeAsync(20)
    failedOver.feed.receive(EPOCH, event(7))
    resolve({ epoch: other, lastSeq: 6, events: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect(failedOver.feed.epoch).toBe(other)
    expect(failedOver.restarts).toEqual([6])
    expect(seqs(failedOver.told)).toEqual([])
  })

  test('is bounded in events and bytes, and gives every byte back', () => {
    const { feed, bytes } = feedOf(new Log(), { maxEvents: 3 })
    feed.start(EPOCH, 0)
    for (let seq = 1; seq <= 10; seq++) feed.receive(EPOCH, event(seq))
    expect(seqs(feed.after(7))).toEqual([8, 9, 10])
    expect(feed.after(6)).toBeUndefined()
    feed.close()
    expect(bytes()).toBe(0)
  })

  test('whose ring is dropped in the middle of an append has no hole: who is behind reads the log', () => {
    const seen: [after: number, events: number[] | undefined][] = []
    const feed: RoomFeed = new RoomFeed({
      readLog: new Log().read,
      onResize: (change) => {
        if (change > 0) feed.dropRing()
      },
      reorderMs: 20,
      maxEvents: 10,
      maxBytes: 1 << 20,
    })
    feed.listen({ onEvents: () => seen.push([feed.head, seqs(feed.after(feed.head - 1))]), onRestart: () => undefined })
    feed.start(EPOCH, 0)
    feed.receive(EPOCH, event(1))
    feed.receive(EPOCH, event(2))
    expect(seen).toEqual([
      [1, undefined],
      [2, undefined],
    ])
    expect(feed.after(2)).toEqual([])
  })

  test('is not moved back by an older look, nor by a fill that began before it started anew', async () => {
    const log = new Log()
    const { feed, told, restarts } = feedOf(log)
    feed.start(EPOCH, 5)
    feed.receive(EPOCH, event(6))
    feed.start(EPOCH, 5)
    feed.learnHead(EPOCH, 5, 5)
    expect(feed.head).toBe(6)
    expect(restarts).toEqual([])
    feed.learnHead(EPOCH, 3, 6)
    expect(restarts).toEqual([3])
    expect(seqs(told)).toEqual([6])
  })

  test('forgets the content of a deleted message at once, also where it is still to be replayed', () => {
    const { feed, bytes } = feedOf(new Log())
    feed.start(EPOCH, 0)
    feed.receive(EPOCH, event(1))
    const deleted = { ...message(1, '', new Date(1)), changedSeq: 2 }
    feed.receive(EPOCH, { type: 'message.deleted', seq: 2, prev: 1, message: deleted })
    expect(JSON.stringify(feed.after(0)?.map((each) => each.log))).not.toContain('number 1')
    feed.close()
    expect(bytes()).toBe(0)
  })

  test('whatever the bus loses, repeats or disorders, every listener gets one gapless order', async () => {
    const delivery = fc.record({ seq: fc.integer({ min: 1, max: 30 }), pauseMs: fc.constantFrom(0, 0, 0, 10, 30) })
    const property = fc.asyncProperty(fc.array(delivery, { maxLength: 60 }), async (deliveries) => {
      const log = new Log()
      const { feed, told } = feedOf(log)
      feed.start(EPOCH, 0)
      for (const { seq, pauseMs } of deliveries) {
        // What is on the bus has been committed.
        log.head = Math.max(log.head, seq)
        feed.receive(EPOCH, event(seq))
        await vi.advanceTimersByTimeAsync(pauseMs)
      }
      feed.learnHead(EPOCH, log.head)
      await vi.advanceTimersByTimeAsync(100)
      expect(seqs(told)).toEqual(Array.from({ length: log.head }, (_, index) => index + 1))
      feed.close()
    })
    await fc.assert(property, { numRuns: 200, seed: 7 })
  })
})
