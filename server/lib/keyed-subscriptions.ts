/** What the first user of a key opens. */
export interface Opening<T> {
  /** What the key's users share, from the beginning. */
  value: T
  /** Resolves, with how to end it, when users can be let in. Of a key that is acquired again after its end two may overlap. */
  opened: Promise<() => void>
  /** Called once, at the end and before the other, also where `opened` has not resolved or has failed. */
  close?(): void
}

export interface Lease<T> {
  value: T
  /** Gives it back; only the first call counts. */
  release: () => void
}

interface Shared<T> {
  opening: Opening<T>
  users: number
  lingering: ReturnType<typeof setTimeout> | undefined
  /** Ends the subscription; there once it is open. */
  end: (() => void) | undefined
  isClosed: boolean
}

interface Lingering<T> {
  /** How long a key outlives its last user. */
  ms: number
  /** Whether it is worth that. */
  isWorth(value: T): boolean
}

/**
 * Subscriptions that several users share, by key. The first user of a key opens it, and the last one closes it, at once or some time later.
 * Where opening fails, everybody who waits is told, and the next user opens it again. There are as many as keys in use.
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

  /** What is shared by the users of a key, also while it opens. */
  get(key: string): T | undefined {
    return this.#shared.get(key)?.opening.value
  }

  /** All of them. */
  values(): T[] {
    return Array.from(this.#shared.values(), ({ opening }) => opening.value)
  }

  /** Resolves once the key is open. @throws what opening it failed with; then there is nothing to release */
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

  /** Closes all of them, whether or not they are in use. */
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
