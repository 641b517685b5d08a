/** What a shelf holds: it tells whether somebody listens to it. */
interface Shelved {
  readonly isInUse: boolean
}

/** So many are kept that nobody listens to; the longest on the shelf goes first. */
const IDLE_KEPT = 16

/** Things by id, made when they are first asked for, and the same for everybody who asks while they are in use. */
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
