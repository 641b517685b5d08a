/** Somebody with work for several turns. */
export interface Worker {
  /** Does what the budget allows; what is left is taken up again in a later turn. */
  work(): void
}

/** The weight of what is done in one turn of the event loop before everything else gets its turn. */
const TURN_WEIGHT = 512 << 10
/** What one worker may take of it while others wait. */
const SHARE = TURN_WEIGHT / 4

/**
 * How much may be read and begun in one turn of the event loop, over all connections. Work is weighed before it is done, so that no
 * clock decides: what fits is done at once, in the turn in which it arrives. What does not fit waits for the next turns, in which
 * timers, other sockets and other connections come in between. Workers wait in a line and take a share each.
 */
export class TurnBudget {
  #left = TURN_WEIGHT
  #share = TURN_WEIGHT
  #isSpending = false
  /** Bounded by the connections: each waits at most once. */
  readonly #waiting = new Set<Worker>()
  readonly #renew = () => {
    this.#isSpending = false
    this.#left = TURN_WEIGHT
    // Those who come to wait again in this turn are not among them.
    const line = [...this.#waiting]
    for (const worker of line) {
      if (this.#left <= 0) break
      this.#share = Math.min(SHARE, this.#left)
      this.#waiting.delete(worker)
      worker.work()
    }
    this.#share = this.#left
    if (this.#waiting.size > 0) this.#spend(0)
  }

  /** Whether something may begin in this turn. If not, the worker is called in a later one. */
  begin(worker: Worker): boolean {
    if (this.#share > 0 && !this.#waiting.has(worker)) return true
    this.#waiting.add(worker)
    return false
  }

  /** Something of this weight was begun. */
  spend(weight: number): void {
    this.#share -= weight
    this.#spend(weight)
  }

  /** The worker has nothing left to do. */
  forget(worker: Worker): void {
    this.#waiting.delete(worker)
  }

  #spend(weight: number): void {
    this.#left -= weight
    if (this.#isSpending) return
    this.#isSpending = true
    setImmediate(this.#renew)
  }
}
