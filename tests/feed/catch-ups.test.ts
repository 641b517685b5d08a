import { describe, expect, test } from 'vitest'
import { CatchUps } from '../../server/feed/catch-ups.ts'
import { ChatError } from '../../server/rpc/chat-error.ts'

const forGood = new AbortController().signal

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

describe('catch-ups', () => {
  test('run so many at a time; the others in the order in which they came, also after one that failed', async () => {
    const catchUps = new CatchUps({ atOnce: 2 })
    const reads = new Reads()
    const results = [1, 2, 3, 4, 5].map((id) => catchUps.run(forGood, reads.read(id)))
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
    const catchUps = new CatchUps({ atOnce: 1, maxWaiting: 1 })
    const reads = new Reads()
    const first = catchUps.run(forGood, reads.read(1))
    const givingUp = new AbortController()
    const second = catchUps.run(givingUp.signal, reads.read(2))
    const refused = catchUps.run(forGood, reads.read(3))
    await expect(refused).rejects.toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) })
    givingUp.abort(new ChatError('SHUTTING_DOWN'))
    await expect(second).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
    const fourth = catchUps.run(forGood, reads.read(4))
    await settled()
    reads.end(1)
    await first
    await settled()
    reads.end(4)
    expect(await fourth).toBe(4)
    expect(reads.started).toEqual([1, 4])
    await expect(catchUps.run(givingUp.signal, reads.read(5))).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' })
  })

  test('one that gives up as its turn comes holds up nobody', async () => {
    const catchUps = new CatchUps({ atOnce: 1 })
    const reads = new Reads()
    const first = catchUps.run(forGood, reads.read(1))
    const givingUp = new AbortController()
    const second = catchUps.run(givingUp.signal, reads.read(2)).catch(() => undefined)
    reads.end(1)
    await first
    givingUp.abort()
    await settled()
    reads.end(2)
    await second
    const third = catchUps.run(forGood, reads.read(3))
    reads.end(3)
    expect(await third).toBe(3)
  })
})
