interface Bounds {
  entries: number
  /** Total weight of all entries. */
  weight: number
}

/** Values by key. Beyond the bounds the least recently used are dropped. A value that alone exceeds them is not kept. */
export class BoundedCache<T> {
  readonly #bounds: Bounds
  readonly #weigh: (value: T) => number
  /** From the least to the most recently used. */
  readonly #entries = new Map<string, T>()
  #weight = 0

  constructor(bounds: Bounds, weigh: (value: T) => number) {
    this.#bounds = bounds
    this.#weigh = weigh
  }

  get(key: string): T | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: string, value: T): void {
    this.delete(key)
    this.#entries.set(key, value)
    this.#weight += this.#weigh(value)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.entries && this.#weight <= this.#bounds.weight) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const value = this.#entries.get(key)
    if (value === undefined) return
    this.#entries.delete(key)
    this.#weight -= this.#weigh(value)
  }

  keys(): string[] {
    return [...this.#entries.keys()]
  }
}
