export interface Rate {
  perSecond: number
  /** How many may come at once after a pause. */
  burst: number
}

const monotonicMs = (): number => performance.now()

/**
 * Counts what comes in against a rate. What has come already is taken in any case, on credit; the caller waits until that is paid.
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

  /** Milliseconds until no credit is left to pay; 0 where there were tokens enough. */
  take(tokens: number): number {
    const { perSecond, burst } = this.#rate
    const now = this.#now()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond) - tokens
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : (-this.#tokens / perSecond) * 1_000
  }
}
