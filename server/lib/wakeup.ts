/**
 * Lets one consumer wait for an event. A wake without a waiter is kept, so nothing is missed between a check and the wait;
 * several wakes count as one. It holds no queue: the woken consumer looks up what happened.
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
