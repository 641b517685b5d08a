export interface PumpOptions<T> {
  signal: AbortSignal
  /** Takes a value, at once or as soon as it can: the next value is pulled after that. What it throws ends the iteration. */
  deliver: (value: T) => Promise<void> | void
  /** Called with what the iterator throws after the stop. */
  onLateError: (cause: unknown) => void
}

/**
 * Delivers what an iterator yields, one value at a time, until the iterator is done or throws, or the signal aborts: then at
 * once, whatever the iterator waits for. It is made of callbacks and not of an awaiting loop, so that an iterator that never
 * settles keeps nothing of its subscriber alive once `forget` is called.
 */
export class IteratorPump<T> {
  /** Resolves with true if the iterator is done and false if it was stopped; rejects with what it throws. */
  readonly finished: Promise<boolean>
  readonly #iterator: AsyncIterator<T, unknown>
  #options: PumpOptions<T> | undefined
  #settle: { resolve: (isDone: boolean) => void; reject: (cause: unknown) => void } | undefined
  readonly #stop = () => this.#finish()?.resolve(false)

  constructor(iterator: AsyncIterator<T, unknown>, options: PumpOptions<T>) {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.finished = promise
    this.#iterator = iterator
    this.#options = options
    this.#settle = { resolve, reject }
    options.signal.addEventListener('abort', this.#stop, { once: true })
    if (options.signal.aborted) this.#stop()
    this.#pull()
  }

  /** Ignores from now on whatever the iterator does. */
  forget(): void {
    this.#options = undefined
  }

  #pull(): void {
    if (!this.#settle) return
    Promise.try(() => this.#iterator.next()).then(
      (result) => this.#take(result),
      (cause: unknown) => this.#fail(cause),
    )
  }

  #take(result: IteratorResult<T, unknown>): void {
    if (!this.#settle) return
    if (result.done) return this.#finish()?.resolve(true)
    try {
      const ready = this.#options?.deliver(result.value)
      if (!ready) return this.#pull()
      ready.then(
        () => this.#pull(),
        (cause: unknown) => this.#fail(cause),
      )
    } catch (cause) {
      this.#fail(cause)
    }
  }

  #fail(cause: unknown): void {
    const settle = this.#finish()
    if (settle) settle.reject(cause)
    else this.#options?.onLateError(cause)
  }

  #finish() {
    const settle = this.#settle
    this.#settle = undefined
    this.#options?.signal.removeEventListener('abort', this.#stop)
    return settle
  }
}

/**
 * Asks an iterator to clean up, and waits for that, but no longer than `waitMs`: a generator that is stuck never answers. Never
 * rejects. A failure after that is not reported, because its closure would keep `onError` alive for as long.
 */
export async function disposeIterator(
  iterator: AsyncIterator<unknown>,
  waitMs: number,
  onError: (cause: unknown) => void,
): Promise<void> {
  let report: typeof onError | undefined = onError
  const disposed = Promise.try(() => iterator.return?.()).catch((cause: unknown) => report?.(cause))
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, waitMs)
  await Promise.race([disposed, promise])
  clearTimeout(timer)
  report = undefined
}
