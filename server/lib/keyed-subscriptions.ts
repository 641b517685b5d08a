/** The subscription that the first user of a key opens. */
export interface Opening<T> {
  /** The value that the key's users share, from the beginning. */
  value: T
  /**
   * Resolves with the function that ends it, when users can be admitted. If a key is acquired again after its end, two may
   * overlap.
   */
  opened: Promise<() => void>
  /** Called once, at the end and before the function of `opened`, even if `opened` is pending or has failed. */
  close?(): void
}

export interface Lease<T> {
  value: T
  /** Releases the key; only the first call counts. */
  release: () => void
}

interface Shared<T> {
  opening: Opening<T>
  users: number
  lingering: ReturnType<typeof setTimeout> | undefined
  /** Ends the subscription; defined once it is open. */
  end: (() => void) | undefined
  isClosed: boolean
}

interface Lingering<T> {
  /** How long a key outlives its last user. */
  ms: number
  /** Whether the value is worth keeping. */
  isWorth(value: T): boolean
}

/**
 * Subscriptions shared by several users, by key. The first user of a key opens it, and the last one closes it, immediately or
 * after a delay. If opening fails, all waiting users get the error, and the next user opens it again. There are only as many as
 * keys in use.
 */
export class KeyedSubscriptions<T> {
  readonly #lingering: Lingering<T> | undefined
  readonly #shared = new Map<string, Shared<T>>()

  constructor(lingering?: Lingering<T>) {
    this.#lingering = lingering
  }

  get size(): number {
    return this.#shared.size
  }

  /** The value that the users of a key share, even while it opens. */
  get(key: string): T | undefined {
    return this.#shared.get(key)?.opening.value
  }

  /** The values of all keys. */
  values(): T[] {
    return Array.from(this.#shared.values(), ({ opening }) => opening.value)
  }

  /** Resolves once the key is open. @throws the error of opening it; there is then nothing to release */
  async acquire(key: string, open: () => Opening<T>): Promise<Lease<T>> {
    const shared = this.#shared.get(key) ?? this.#open(key, open)
    shared.users++
    clearTimeout(shared.lingering)
    if (!shared.end) await shared.opening.opened
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      if (--shared.users === 0) this.#leave(key, shared)
    }
    return { value: shared.opening.value, release }
  }

  /** Closes all subscriptions, whether or not they are in use. */
  close(): void {
    for (const [key, shared] of this.#shared) this.#close(key, shared)
  }

  #open(key: string, open: () => Opening<T>): Shared<T> {
    const opening = open()
    const shared: Shared<T> = { opening, users: 0, lingering: undefined, end: undefined, isClosed: false }
    this.#shared.set(key, shared)
    opening.opened.then(
      (end) => {
        if (shared.isClosed) end()
        else shared.end = end
      },
      () => this.#close(key, shared),
    )
    return shared
  }

  #leave(key: string, shared: Shared<T>): void {
    if (shared.isClosed) return
    if (!this.#lingering?.isWorth(shared.opening.value)) return this.#close(key, shared)
    shared.lingering = setTimeout(() => this.#close(key, shared), this.#lingering.ms).unref()
  }

  #close(key: string, shared: Shared<T>): void {
    if (shared.isClosed) return
    shared.isClosed = true
    clearTimeout(shared.lingering)
    this.#shared.delete(key)
    shared.opening.close?.()
    shared.end?.()
  }
}
