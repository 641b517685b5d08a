import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { FairTurns, type TurnLimits } from '../../server/lib/fair-turns.ts'

const forGood = new AbortController().signal
const ADA = 'default/ada'
const BEN = 'default/ben'

const turnsOf = (limits: Partial<TurnLimits>) =>
  new FairTurns({ atOnce: 1, maxWaiting: 100, maxWaitingPerUser: 100, ...limits })

/** Reads that end when they are told to. */
class Reads {
  readonly started: number[] = []
  readonly #ends = new Map<number, PromiseWithResolvers<number>>()

  readonly read = (id: number) => (): Promise<number> => {
    this.started.push(id)
    const end = Promise.withResolvers<number>()
    this.#ends.set(id, end)
    return end.promise
  }

  end(id: number): void {
    this.#ends.get(id)?.resolve(id)
  }

  fail(id: number): void {
    this.#ends.get(id)?.reject(new Error(`read ${id}`))
  }
}

/** Everything that is under way without a timer has happened. */
const settled = () => new Promise(setImmediate)

describe('turns', () => {
  test('are so many at a time; one user’s others come in the order in which they came, also after one that failed', async () => {
    const turns = turnsOf({ atOnce: 2 })
    const reads = new Reads()
    const results = [1, 2, 3, 4, 5].map((id) => turns.run(ADA, forGood, reads.read(id)))
    await settled()
    expect(reads.started).toEqual([1, 2])
    reads.fail(2)
    await expect(results[1]).rejects.toThrow('read 2')
    await settled()
    expect(reads.started).toEqual([1, 2, 3])
    for (const id of [1, 3]) reads.end(id)
    await settled()
    expect(reads.started).toEqual([1, 2, 3, 4, 5])
    for (const id of [4, 5]) reads.end(id)
    expect(await Promise.all([results[0], results[2], results[3], results[4]])).toEqual([1, 3, 4, 5])
  })

  test('beyond those that may wait are refused, and the place of one that gave up is free', async () => {
    const turns = turnsOf({ atOnce: 1, maxWaiting: 1 })
    const reads = new Reads()
    const first = turns.run(ADA, forGood, reads.read(1))
    const givingUp = new AbortController()
    const second = turns.run(ADA, givingUp.signal, reads.read(2))
    const refused = turns.run(ADA, forGood, reads.read(3))
    await expect(refused).rejects.toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) })
    givingUp.abort(new ChatError('SHUTTING_DOWN'))
    await expect(second).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
    const fourth = turns.run(ADA, forGood, reads.read(4))
    await settled()
    reads.end(1)
    await first
    await settled()
    reads.end(4)
    expect(await fourth).toBe(4)
    expect(reads.started).toEqual([1, 4])
    await expect(turns.run(ADA, givingUp.signal, reads.read(5))).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
  })

  test('one that gives up as its turn comes holds up nobody', async () => {
    const turns = turnsOf({ atOnce: 1 })
    const reads = new Reads()
    const first = turns.run(ADA, forGood, reads.read(1))
    const givingUp = new AbortController()
    const second = turns.run(ADA, givingUp.signal, reads.read(2)).catch(() => undefined)
    await settled()
    reads.end(1)
    await first
    givingUp.abort()
    await settled()
    reads.end(2)
    await second
    const third = turns.run(ADA, forGood, reads.read(3))
    await settled()
    reads.end(3)
    expect(await third).toBe(3)
  })

  test('go round the users who wait: however much one asks for, another’s first is next', async () => {
    const turns = turnsOf({ atOnce: 2, maxWaiting: 20_000, maxWaitingPerUser: 10_000 })
    const begun: string[] = []
    const ends: (() => void)[] = []
    const work = (name: string) => () => {
      begun.push(name)
      const { promise, resolve } = Promise.withResolvers<void>()
      ends.push(resolve)
      return promise
    }
    const endOne = () => {
      ends.shift()?.()
      return settled()
    }
    for (let n = 0; n < 10_002; n++) void turns.run(ADA, forGood, work('ada'))
    for (let n = 0; n < 2; n++) void turns.run(BEN, forGood, work('ben'))
    await settled()
    expect(turns.waiting).toBe(10_002)
    for (let n = 0; n < 5; n++) await endOne()
    expect(begun).toEqual(['ada', 'ada', 'ada', 'ben', 'ada', 'ben', 'ada'])
  })

  test('of one user wait up to a bound of its own, which leaves room for others', async () => {
    const turns = turnsOf({ maxWaiting: 10, maxWaitingPerUser: 2 })
    const reads = new Reads()
    for (const id of [1, 2, 3]) void turns.run(ADA, forGood, reads.read(id))
    await expect(turns.run(ADA, forGood, reads.read(4))).rejects.toMatchObject({ reason: 'RATE_LIMITED' })
    void turns.run(BEN, forGood, reads.read(5))
    await settled()
    for (const id of [1, 2, 5, 3]) {
      reads.end(id)
      await settled()
    }
    expect(reads.started).toEqual([1, 2, 5, 3])
    expect(turns.waiting).toBe(0)
  })

  test('of one user run up to a bound of its own, and leave places to others', async () => {
    const turns = turnsOf({ atOnce: 3, atOncePerUser: 2 })
    const reads = new Reads()
    const results = [1, 2, 3, 4].map((id) => turns.run(ADA, forGood, reads.read(id)))
    results.push(turns.run(BEN, forGood, reads.read(5)), turns.run(BEN, forGood, reads.read(6)))
    await settled()
    expect(reads.started).toEqual([1, 2, 5])
    for (const id of [5, 1, 6, 2, 3, 4]) {
      reads.end(id)
      await settled()
    }
    expect(reads.started).toEqual([1, 2, 5, 6, 3, 4])
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('that end cost no more for the thousands of users who wait and may not begin', async () => {
    const turns = turnsOf({ atOnce: Infinity, atOncePerUser: 1, maxWaiting: 10_000 })
    const users = Array.from({ length: 10_000 }, (_, index) => `default/user ${index}`)
    const ends = await Promise.all(users.map((user) => turns.take(user, forGood)))
    const next = users.map((user) => turns.take(user, new AbortController().signal))
    const before = process.threadCpuUsage()
    for (const end of ends.toReversed()) end()
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(150)
    expect(await Promise.all(next)).toHaveLength(users.length)
  })

  test('that were taken are passed on once', async () => {
    const turns = turnsOf({ atOnce: 1 })
    const reads = new Reads()
    const done = await turns.take(ADA, forGood)
    for (const id of [1, 2]) void turns.run(ADA, forGood, reads.read(id))
    for (let n = 0; n < 3; n++) done()
    await settled()
    expect(reads.started).toEqual([1])
  })
})
