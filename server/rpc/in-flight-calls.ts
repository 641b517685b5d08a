/** Counts the calls that are under way, so that a server that stops can let them finish. */
export class InFlightCalls {
  #count = 0
  #onIdle: (() => void) | undefined

  begin(): void {
    this.#count++
  }

  /** Ends a call: once for each `begin`. */
  end(): void {
    if (--this.#count === 0) this.#onIdle?.()
  }

  /** Resolves when no call is under way, or after `graceMs`. */
  async idle(graceMs: number): Promise<void> {
    if (this.#count === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, graceMs)
    this.#onIdle = resolve
    await promise
    clearTimeout(timer)
  }
}
