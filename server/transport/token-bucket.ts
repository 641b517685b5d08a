export interface Rate {
  perSecond: number
  /** The number that may come at once after a pause. */
  burst: number
}

const monotonicMs = (): number => performance.now()

/**
 * Counts arrivals against a rate. What has arrived is always taken, on credit; the caller waits until the credit is paid back.
 */
export class TokenBucket {
  readonly #rate: Rate
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  /** @param now a clock in milliseconds that never goes back */
  constructor(rate: Rate, now = monotonicMs) {
    this.#rate = rate
    this.#now = now
    this.#tokens = rate.burst
    this.#filledAt = now()
  }

  /** Takes tokens. Returns the milliseconds until the credit is paid back; 0 if there were enough tokens. */
  take(tokens: number): number {
    const { perSecond, burst } = this.#rate
    const now = this.#now()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond) - tokens
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : (-this.#tokens / perSecond) * 1_000
  }
}
