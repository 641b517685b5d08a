import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/rpc/chat-error.ts'
import { SearchTurns, searchesAtOnce } from '../../server/search/search-turns.ts'

const forGood = new AbortController().signal

/** Searches that end when they are told to. */
class Searches {
  readonly started: string[] = []
  readonly #ends = new Map<string, () => void>()

  readonly search = (name: string) => (): Promise<string> => {
    this.started.push(name)
    return new Promise((resolve) => this.#ends.set(name, () => resolve(name)))
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.()
    await settled()
  }
}

const settled = () => new Promise(setImmediate)

describe('the turns of searches', () => {
  test('go from user to user, and leave nobody waiting behind somebody with many', async () => {
    const turns = new SearchTurns({ atOnce: 3 })
    const searches = new Searches()
    const run = (user: string, name: string) => turns.run(user, forGood, searches.search(name))
    const results = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => run('ada', name))
    results.push(run('ben', 'b1'), run('ben', 'b2'), run('cleo', 'c1'))
    await settled()
    expect(searches.started).toEqual(['a1', 'a2', 'b1'])
    for (const name of ['b1', 'a1', 'b2', 'a2', 'c1', 'a3', 'a4', 'a5']) await searches.end(name)
    expect(searches.started).toEqual(['a1', 'a2', 'b1', 'b2', 'a3', 'c1', 'a4', 'a5'])
    expect(await Promise.all(results)).toHaveLength(8)
  })

  test('beyond those that may wait are refused, and the place of one that gave up is free', async () => {
    const turns = new SearchTurns({ atOnce: 1, userWaiting: 2, maxWaiting: 3 })
    const searches = new Searches()
    const late = new AbortController()
    const run = (user: string, signal = forGood) => turns.run(user, signal, searches.search(user))
    const first = run('ada')
    const waiting = [run('ada', late.signal), run('ada', late.signal)]
    const refused = { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) }
    await expect(run('ada')).rejects.toMatchObject(refused)
    const ben = run('ben')
    await expect(run('cleo')).rejects.toMatchObject(refused)
    late.abort(new ChatError('SEARCH_TIMEOUT'))
    for (const one of waiting) await expect(one).rejects.toMatchObject({ reason: 'SEARCH_TIMEOUT' })
    const cleo = run('cleo')
    for (const user of ['ada', 'ben', 'cleo']) await searches.end(user)
    expect(await Promise.all([first, ben, cleo])).toEqual(['ada', 'ben', 'cleo'])
    await expect(turns.run('ada', forGood, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    const after = run('dov')
    await searches.end('dov')
    expect(await after).toBe('dov')
  })

  test.each([
    [20, 5],
    [4, 1],
    [1, 1],
  ])('of a pool of %i connections are %i', (poolSize, atOnce) => {
    expect(searchesAtOnce(poolSize)).toBe(atOnce)
  })
})
