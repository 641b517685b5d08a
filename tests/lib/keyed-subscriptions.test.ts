import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { KeyedSubscriptions, type Opening } from '../../server/lib/keyed-subscriptions.ts'

/** One opening of a key: the test says when it is open, or has failed. */
function newOpening(value: string) {
  const { promise, resolve, reject } = Promise.withResolvers<() => void>()
  const acts: string[] = []
  const opening: Opening<string> = { value, opened: promise, close: () => acts.push('close') }
  return {
    acts,
    open: () => {
      acts.push('open')
      return opening
    },
    succeed: () => resolve(() => acts.push('end')),
    fail: () => reject(new Error('The connection is lost')),
  }
}

const never = () => {
  throw new Error('It is open already')
}

describe('a keyed subscription', () => {
  test('is opened by its first user and closed by its last', async () => {
    const shared = new KeyedSubscriptions<string>()
    const { acts, open, succeed } = newOpening('a room')
    const [first, second] = [shared.acquire('key', open), shared.acquire('key', never)]
    expect(shared.get('key')).toBe('a room')
    succeed()
    const leases = [await first, await second, await shared.acquire('key', never)]
    expect(leases.map(({ value }) => value)).toEqual(['a room', 'a room', 'a room'])
    leases[0]?.release()
    leases[0]?.release()
    leases[1]?.release()
    expect(acts).toEqual(['open'])
    leases[2]?.release()
    expect(acts).toEqual(['open', 'close', 'end'])
    expect(shared.size).toBe(0)
  })

  test('that fails tells all who wait, holds nothing, and is opened by the next user', async () => {
    const shared = new KeyedSubscriptions<string>()
    const lost = newOpening('lost')
    const waiting = [shared.acquire('key', lost.open), shared.acquire('key', never)]
    lost.fail()
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
    expect(lost.acts).toEqual(['open', 'close'])
    expect(shared.size).toBe(0)
    const found = newOpening('found')
    found.succeed()
    const { value, release } = await shared.acquire('key', found.open)
    expect(value).toBe('found')
    release()
    expect(found.acts).toEqual(['open', 'close', 'end'])
  })

  test('that fails is opened by whoever comes in the moment of the failure', async () => {
    const shared = new KeyedSubscriptions<string>()
    const [lost, found] = [newOpening('lost'), newOpening('found')]
    const again = shared.acquire('key', lost.open).catch(() => shared.acquire('key', found.open))
    lost.fail()
    found.succeed()
    const { value, release } = await again
    expect(value).toBe('found')
    expect(shared.values()).toEqual(['found'])
    release()
    expect(shared.size).toBe(0)
  })

  test('that is acquired while an earlier one of its key still ends is another one', async () => {
    const shared = new KeyedSubscriptions<string>()
    const [early, late] = [newOpening('early'), newOpening('late')]
    const pending = shared.acquire('key', early.open)
    shared.close()
    expect(early.acts).toEqual(['open', 'close'])
    late.succeed()
    const lease = await shared.acquire('key', late.open)
    early.succeed()
    const stale = await pending
    expect(early.acts).toEqual(['open', 'close', 'end'])
    stale.release()
    expect(shared.values()).toEqual(['late'])
    lease.release()
    expect(late.acts).toEqual(['open', 'close', 'end'])
  })

  test('is closed with all others, once', async () => {
    const shared = new KeyedSubscriptions<string>()
    const openings = [newOpening('a'), newOpening('b')]
    for (const { succeed } of openings) succeed()
    const leases = await Promise.all(openings.map(({ open }, index) => shared.acquire(`${index}`, open)))
    shared.close()
    shared.close()
    for (const { release } of leases) release()
    expect(openings.map(({ acts }) => acts)).toEqual([
      ['open', 'close', 'end'],
      ['open', 'close', 'end'],
    ])
  })
})

describe('one that lingers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const acquired = async (shared: KeyedSubscriptions<string>, value: string) => {
    const opening = newOpening(value)
    opening.succeed()
    return { ...opening, ...(await shared.acquire(value, opening.open)) }
  }

  test('outlives its last user for a time, in which the next one finds it', async () => {
    const shared = new KeyedSubscriptions<string>({ ms: 1_000, isWorth: () => true })
    const { acts, release } = await acquired(shared, 'key')
    release()
    vi.advanceTimersByTime(999)
    const next = await shared.acquire('key', never)
    vi.advanceTimersByTime(10_000)
    expect(acts).toEqual(['open'])
    next.release()
    vi.advanceTimersByTime(1_000)
    expect(acts).toEqual(['open', 'close', 'end'])
    expect(shared.size).toBe(0)
  })

  test('does so only where it is worth it, and no longer than all', async () => {
    const shared = new KeyedSubscriptions<string>({ ms: 1_000, isWorth: (value) => value !== 'worthless' })
    const worthless = await acquired(shared, 'worthless')
    worthless.release()
    expect(worthless.acts).toEqual(['open', 'close', 'end'])
    const kept = await acquired(shared, 'kept')
    kept.release()
    shared.close()
    expect(kept.acts).toEqual(['open', 'close', 'end'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
