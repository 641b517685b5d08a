/** How many values lie at or below each of some bounds, and what they sum up to: cheap to add to, read when somebody asks. */
export class Distribution {
  /** Ascending. */
  readonly bounds: readonly number[]
  /** One for each bound, and one for what lies beyond the last. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    const place = this.bounds.findIndex((bound) => value <= bound)
    const at = place === -1 ? this.bounds.length : place
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += value
  }
}
