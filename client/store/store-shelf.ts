/** An item of a shelf. It reports whether it has listeners. */
interface Shelved {
  readonly isInUse: boolean
}

/** The most items that are kept without listeners. The oldest on the shelf is dropped first. */
const IDLE_KEPT = 16

/** Items by id, made at the first request. All callers get the same item while it is in use. */
export class StoreShelf<T extends Shelved> {
  readonly #make: (id: string) => T
  readonly #things = new Map<string, T>()

  constructor(make: (id: string) => T) {
    this.#make = make
  }

  get(id: string): T {
    const known = this.#things.get(id)
    if (known) return known
    const made = this.#make(id)
    this.#things.set(id, made)
    this.#forgetIdle()
    return made
  }

  #forgetIdle() {
    const idle = [...this.#things].filter(([, { isInUse }]) => !isInUse)
    for (const [id] of idle.slice(0, Math.max(0, idle.length - IDLE_KEPT))) this.#things.delete(id)
  }
}
