/** How long a store works after its last listener has left. A component that is mounted again finds it unchanged. */
const LINGER_MS = 1_000

/**
 * A value that notifies its listeners when it is replaced. Values are immutable: a change is another value.
 *
 * A store may have work that keeps it current. `begin` starts the work for the first listener and returns the function that ends
 * it, a moment after the last listener has left. The work runs once for any number of listeners.
 */
export class Store<T> {
  #value: T
  readonly #listeners = new Set<() => void>()
  readonly #begin: (() => () => void) | undefined
  #end: (() => void) | undefined
  #lingering: ReturnType<typeof setTimeout> | undefined

  constructor(initial: T, begin?: () => () => void) {
    this.#value = initial
    this.#begin = begin
  }

  /** The value now. */
  readonly get = (): T => this.#value

  /** Calls back at every change; returns the unsubscribe. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // Each subscription gets its own function, because the same listener may subscribe twice.
    const told = () => listener()
    this.#listeners.add(told)
    clearTimeout(this.#lingering)
    this.#lingering = undefined
    if (this.#begin && !this.#end) this.#end = this.#begin()
    return () => {
      if (!this.#listeners.delete(told) || this.#listeners.size > 0 || !this.#end) return
      this.#lingering = setTimeout(() => this.#finish(), LINGER_MS)
    }
  }

  /** The store has a listener, or had one a moment ago. */
  get isInUse(): boolean {
    return this.#listeners.size > 0 || this.#end !== undefined
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of this.#listeners) listener()
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value))
  }

  #finish() {
    const end = this.#end
    this.#end = undefined
    end?.()
  }
}
