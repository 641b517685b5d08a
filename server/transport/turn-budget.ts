/** Somebody with work for several turns. */
export interface Worker {
  /** Whose work it is, where several have the same: they take their turns as one. The same while it waits. */
  readonly party?: string | undefined
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
 * timers, other sockets and other connections come in between. Those who wait take a share each, party by party: however many
 * connections a user has, another user's is next but for the users before it.
 */
export class TurnBudget {
  #left = TURN_WEIGHT
  #share = TURN_WEIGHT
  #isSpending = false
  /** By party, in the order of their turns; nobody's line is empty. Bounded by the connections: each waits at most once. */
  readonly #lines = new Map<string | Worker, Set<Worker>>()
  readonly #renew = () => {
    this.#isSpending = false
    this.#left = TURN_WEIGHT
    // Those who come to wait again in this turn are not among them.
    const waiting = [...this.#lines]
    for (const [party, line] of waiting) {
      if (this.#left <= 0) break
      const [worker] = line
      if (!worker) continue
      this.#share = Math.min(SHARE, this.#left)
      this.forget(worker)
      // Behind the others, with those of its line that still wait.
      if (this.#lines.delete(party)) this.#lines.set(party, line)
      worker.work()
    }
    this.#share = this.#left
    if (this.#lines.size > 0) this.#spend(0)
  }

  /** Whether something may begin in this turn. If not, the worker is called in a later one. */
  begin(worker: Worker): boolean {
    const party = partyOf(worker)
    const line = this.#lines.get(party)
    if (this.#share > 0 && !line?.has(worker)) return true
    if (line) line.add(worker)
    else this.#lines.set(party, new Set([worker]))
    return false
  }

  /** Something of this weight was begun. */
  spend(weight: number): void {
    this.#share -= weight
    this.#spend(weight)
  }

  /** The worker has nothing left to do. */
  forget(worker: Worker): void {
    const party = partyOf(worker)
    const line = this.#lines.get(party)
    if (line?.delete(worker) && line.size === 0) this.#lines.delete(party)
  }

  #spend(weight: number): void {
    this.#left -= weight
    if (this.#isSpending) return
    this.#isSpending = true
    setImmediate(this.#renew)
  }
}

const partyOf = (worker: Worker): string | Worker => worker.party ?? worker
