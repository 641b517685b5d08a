import { describe, expect, test } from 'vitest'
import { finish, LoopShare, type Steps } from '../../server/lib/loop-share.ts'
import { longestHold } from '../support/loop-hold.ts'

/** Takes about so many milliseconds of CPU, a tenth in each step. */
function* busy(ms: number): Steps<number> {
  for (let step = 0; step < ms * 10; step++) {
    const until = performance.now() + 0.1
    while (performance.now() < until);
    yield
  }
  return ms
}

function* failing(): Steps<void> {
  yield
  throw new Error('no way')
}

describe('the share of the loop', () => {
  test('holds it for a slice at a time, whatever the number of computations', async () => {
    const share = new LoopShare()
    const { result, cpuMs } = await longestHold(() => Promise.all(Array.from({ length: 40 }, () => share.run(busy(5)))))
    expect(result).toEqual(Array.from({ length: 40 }, () => 5))
    expect(cpuMs).toBeLessThan(50)
  })

  test('goes round: one that is short is through before one that is long', async () => {
    const share = new LoopShare()
    const ended: string[] = []
    const note = (name: string) => () => ended.push(name)
    await Promise.all([share.run(busy(60)).then(note('long')), share.run(busy(1)).then(note('short'))])
    expect(ended).toEqual(['short', 'long'])
  })

  test('hands on what a step throws, and goes on with the others', async () => {
    const share = new LoopShare()
    const others = share.run(busy(20))
    await expect(share.run(failing())).rejects.toThrow('no way')
    expect(await others).toBe(20)
    expect(() => finish(failing())).toThrow('no way')
  })

  test('refuses what is beyond those that may wait', async () => {
    const share = new LoopShare()
    const running = [share.run(busy(20)), ...Array.from({ length: 10_000 }, () => share.run(busy(0)))]
    const results = await Promise.allSettled(running)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toMatchObject([{ reason: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } }])
  })
})
