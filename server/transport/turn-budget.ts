/** Work that can take several turns. */
export interface TurnTask {
  /** Tasks of one group, those of one user, take their turns as one. It must not change while the task waits. */
  readonly group?: string | undefined
  /** Does what the budget allows. What is left waits for a later turn. */
  run(): void
}

/** The weight of what is done in one turn of the event loop before everything else gets its turn. */
const TURN_WEIGHT = 512 << 10
/** The part of it that one task may take while others wait. */
const SHARE = TURN_WEIGHT / 4

/**
 * Bounds what is read and begun in one turn of the event loop, over all connections. Work is weighed before it is done, so no
 * clock decides: what fits is done at once, in the turn in which it arrives. What does not fit waits for the next turns, in which
 * timers, other sockets and other connections come in between. Waiting tasks take a share each, group by group: however many
 * connections a user has, another user's task waits only for the groups before it.
 */
export class TurnBudget {
  #left = TURN_WEIGHT
  #share = TURN_WEIGHT
  #isSpending = false
  /**
   * Waiting tasks by group, in the order of their turns; no group is empty. Bounded by the connections: each waits at most once.
   */
  readonly #waiting = new Map<string | TurnTask, Set<TurnTask>>()
  readonly #renew = () => {
    this.#isSpending = false
    this.#left = TURN_WEIGHT
    // A task that waits again in this turn has its next run in a later one.
    const waiting = [...this.#waiting]
    for (const [key, group] of waiting) {
      if (this.#left <= 0) break
      const [task] = group
      if (!task) continue
      this.#share = Math.min(SHARE, this.#left)
      this.forget(task)
      // The rest of its group goes behind the other groups.
      if (this.#waiting.delete(key)) this.#waiting.set(key, group)
      task.run()
    }
    this.#share = this.#left
    if (this.#waiting.size > 0) this.#spend(0)
  }

  /** Whether the task may begin something in this turn. If not, it is run in a later one. */
  begin(task: TurnTask): boolean {
    const key = keyOf(task)
    const group = this.#waiting.get(key)
    if (this.#share > 0 && !group?.has(task)) return true
    if (group) group.add(task)
    else this.#waiting.set(key, new Set([task]))
    return false
  }

  /** Takes the weight of something that was begun. */
  spend(weight: number): void {
    this.#share -= weight
    this.#spend(weight)
  }

  /** Runs the task no more: it has nothing left to do. */
  forget(task: TurnTask): void {
    const key = keyOf(task)
    const group = this.#waiting.get(key)
    if (group?.delete(task) && group.size === 0) this.#waiting.delete(key)
  }

  #spend(weight: number): void {
    this.#left -= weight
    if (this.#isSpending) return
    this.#isSpending = true
    setImmediate(this.#renew)
  }
}

const keyOf = (task: TurnTask): string | TurnTask => task.group ?? task
