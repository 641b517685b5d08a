interface Bounds {
  entries: number
  /** Of all entries together. */
  weight: number
}

/** Values by key, the least recently used dropped beyond the bounds. One that alone is too heavy is not kept. */
export class BoundedCache<T> {
  readonly #bounds: Bounds
  readonly #weigh: (value: T) => number
  /** From the least recently used to the latest. */
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
