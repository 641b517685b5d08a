/**
 * Where one consumer waits for something to happen. A wake while nobody waits is kept, so nothing is missed between a look and
 * the wait; several wakes are one. It holds no queue: what happened is looked up by the one who was woken.
 */
export class Wakeup {
  #isPending = false
  #resume: (() => void) | undefined

  wake(): void {
    this.#isPending = true
    this.#resume?.()
  }

  /** Resolves at the next wake, at once if one is pending, or when the signal aborts. One waiter at a time. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#isPending && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const resume = () => resolve()
      this.#resume = resume
      signal.addEventListener('abort', resume, { once: true })
      await promise
      signal.removeEventListener('abort', resume)
      this.#resume = undefined
    }
    this.#isPending = false
  }
}
