import { type Rate, TokenBucket } from './token-bucket.ts'

/** Keys that are remembered. Of more, the one used longest ago begins again with a full bucket. */
const MAX_KEYS = 20_000

/** One bucket per key. It outlives whatever drew from it, so that a user who comes back finds the debt of before. */
export class KeyedBuckets {
  /** At most MAX_KEYS, in the order of their last use. */
  readonly #buckets = new Map<string, TokenBucket>()

  /** The key's bucket; a new one has `rate`. */
  of(key: string, rate: Rate): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(rate)
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    const [longestAgo] = this.#buckets.size > MAX_KEYS ? this.#buckets.keys() : []
    if (longestAgo !== undefined) this.#buckets.delete(longestAgo)
    return bucket
  }

  /** The key's bucket where one is remembered. */
  find(key: string): TokenBucket | undefined {
    return this.#buckets.get(key)
  }
}
