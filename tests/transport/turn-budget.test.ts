import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnBudget, type TurnTask } from '../../server/transport/turn-budget.ts'

const WEIGHT = 64 << 10
/** What fits into a turn, and into a task's share of it. */
const A_TURN = 8
const A_SHARE = 2

/** Work in equal pieces, each noted with its task's name. */
class Pieces implements TurnTask {
  readonly #budget: TurnBudget
  readonly #name: string
  readonly #done: string[]
  readonly group: string | undefined
  #left: number

  constructor(budget: TurnBudget, name: string, left: number, done: string[], group?: string) {
    this.#budget = budget
    this.#name = name
    this.#left = left
    this.group = group
    this.#done = done
  }

  run(): void {
    while (this.#left > 0 && this.#budget.begin(this)) {
      this.#left--
      this.#budget.spend(WEIGHT)
      this.#done.push(this.#name)
    }
  }
}

test('what fits into a turn is done at once, and the rest in later ones', async () => {
  const done: string[] = []
  new Pieces(new TurnBudget(), 'a', 20, done).run()
  expect(done).toHaveLength(A_TURN)
  await turn()
  expect(done.length).toBeLessThan(20)
  while (done.length < 20) await turn()
})

test('of several that wait, each has a share by turns', async () => {
  const done: string[] = []
  const budget = new TurnBudget()
  new Pieces(budget, 'a', 20, done).run()
  new Pieces(budget, 'b', 2, done).run()
  new Pieces(budget, 'c', 2, done).run()
  expect(new Set(done)).toEqual(new Set(['a']))
  await turn()
  expect(done.slice(A_TURN, A_TURN + 3 * A_SHARE).join('')).toBe('aabbcc')
})

test('of one group with many tasks and another with one, each has a share by turns', async () => {
  const done: string[] = []
  const budget = new TurnBudget()
  for (let task = 0; task < 20; task++) new Pieces(budget, 'm', 20, done, 'mallory').run()
  new Pieces(budget, 'a', 5, done, 'ada').run()
  await turn()
  expect(done.slice(A_TURN).filter((name) => name === 'a')).toHaveLength(A_SHARE)
  await turn()
  await turn()
  expect(done.filter((name) => name === 'a')).toHaveLength(5)
  // What ada leaves is the other's: nothing of a turn is lost.
  while (done.length < 405) await turn()
})

test('who comes while others wait has what they leave', async () => {
  const done: string[] = []
  const budget = new TurnBudget()
  new Pieces(budget, 'a', 20, done).run()
  await turn()
  new Pieces(budget, 'b', 1, done).run()
  expect(done.at(-1)).toBe('b')
})

test('nobody who is forgotten is called', async () => {
  const done: string[] = []
  const budget = new TurnBudget()
  const task = new Pieces(budget, 'a', 20, done)
  task.run()
  budget.forget(task)
  await turn()
  await turn()
  expect(done).toHaveLength(A_TURN)
})
