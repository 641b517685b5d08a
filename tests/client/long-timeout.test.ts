import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Wakeable } from '../../client/outbox/retry-pause.ts'
import { keepSubscribed } from '../../client/store/keep-subscribed.ts'
import { CallQueue } from '../../shared/call-queue.ts'
import { setLongTimeout } from '../../shared/long-timeout.ts'
import { TokenRenewal } from '../../shared/token-renewal.ts'

const DAY_MS = 86_400_000
const LONG_MS = 60 * DAY_MS
/** The timer of a browser and of Node takes no more. */
const MAX_DELAY_MS = 2 ** 31 - 1

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const tokenThatExpiresIn = (ms: number) => `.${btoa(JSON.stringify({ exp: (Date.now() + ms) / 1_000 }))}.`

describe('a delay beyond the longest that a timer takes', () => {
  test.each([0, 1, MAX_DELAY_MS, MAX_DELAY_MS + 1, LONG_MS, 3 * MAX_DELAY_MS])('of %i ms ends on time', (ms) => {
    const callback = vi.fn()
    setLongTimeout(callback, ms)
    vi.advanceTimersByTime(Math.max(0, ms - 1))
    expect(callback).toHaveBeenCalledTimes(ms === 0 ? 1 : 0)
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('can be cancelled after it was armed again', () => {
    const callback = vi.fn()
    const cancel = setLongTimeout(callback, LONG_MS)
    vi.advanceTimersByTime(30 * DAY_MS)
    cancel()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(LONG_MS)
    expect(callback).not.toHaveBeenCalled()
  })

  test('never ends when it has no end', () => {
    const callback = vi.fn()
    const cancel = setLongTimeout(callback, Infinity)
    vi.advanceTimersByTime(10 * MAX_DELAY_MS)
    expect(callback).not.toHaveBeenCalled()
    cancel()
  })

  test('is kept by a subscription that the server tells to come back', () => {
    const start = vi.fn<Parameters<typeof keepSubscribed>[0]>(() => ({ unsubscribe: () => undefined }))
    const stop = keepSubscribed(start, () => undefined)
    start.mock.lastCall?.[0].onError({ data: { reason: 'MUTED', retryAfterMs: LONG_MS } })
    vi.advanceTimersByTime(LONG_MS - 1)
    expect(start).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    expect(start).toHaveBeenCalledTimes(2)
    start.mock.lastCall?.[0].onError({ data: { reason: 'MUTED', retryAfterMs: LONG_MS } })
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is kept by the outbox, by held calls and by the renewal of a token', async () => {
    const ended: string[] = []
    const { signal } = new AbortController()
    void new Wakeable().pause(LONG_MS, signal).then(() => ended.push('pause'))
    new CallQueue().holdFor(LONG_MS, () => ended.push('hold'))
    new TokenRenewal(async () => void ended.push('renewal')).plan(tokenThatExpiresIn(LONG_MS + 60_000))
    await vi.advanceTimersByTimeAsync(LONG_MS - 1_000)
    expect(ended).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ended.sort()).toEqual(['hold', 'pause', 'renewal'])
  })
})
