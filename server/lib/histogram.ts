/** Counts values by bucket and sums them up. Adding a value is cheap; the metrics read the counts when they are scraped. */
export class Histogram {
  /** The upper bounds of the buckets, inclusive and ascending. */
  readonly bounds: readonly number[]
  /** One count for each bound, and one for the values above the last bound. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    const found = this.bounds.findIndex((bound) => value <= bound)
    const bucket = found === -1 ? this.bounds.length : found
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += value
  }
}
