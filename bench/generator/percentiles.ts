import { build, type Histogram } from 'hdr-histogram-js'

/** Milliseconds. */
export interface Percentiles {
  count: number
  p50: number
  p99: number
  max: number
}

const HIGHEST_US = 120_000_000

/** Records milliseconds, to a thousandth. */
export class Latencies {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  })

  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(milliseconds * 1_000))))
  }

  percentiles(): Percentiles {
    const at = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / 1_000
    return { count: this.#histogram.totalCount, p50: at(50), p99: at(99), max: this.#histogram.maxValue / 1_000 }
  }
}
