/** What was broken and how often, and how long it took to be well again, in milliseconds. */
export class Tally {
  readonly counts = new Map<string, number>()
  readonly times = new Map<string, number[]>()
  /** When something was killed, by `performance.now()`. */
  readonly kills = new Map<string, number[]>()

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times)
  }

  /** Counts a kill and keeps its time: what comes back afterwards is measured from here. */
  kill(what: string): void {
    this.count(`kills of ${what}`)
    this.kills.set(what, [...(this.kills.get(what) ?? []), performance.now()])
  }

  took(what: string, ...ms: number[]): void {
    this.times.set(what, [...(this.times.get(what) ?? []), ...ms])
  }

  add(other: Tally): void {
    for (const [what, times] of other.counts) this.count(what, times)
    for (const [what, ms] of other.times) this.took(what, ...ms)
  }

  /** A line for everything that was counted or measured. */
  lines(): string[] {
    const counted = [...this.counts].sort(byName).map(([what, times]) => `${what}: ${times}`)
    const measured = [...this.times].sort(byName).map(([what, ms]) => {
      const [p50, p99, most] = [0.5, 0.99, 1].map((share) => Math.round(percentile(ms, share)))
      const goal = GOALS[what]
      const verdict =
        goal === undefined ? '' : `, goal p99 below ${goal} ms: ${(p99 ?? 0) < goal ? 'reached' : 'missed'}`
      return `${what}: p50 ${p50} ms, p99 ${p99} ms, most ${most} ms of ${ms.length}${verdict}`
    })
    return [...counted, ...measured]
  }
}

export const RESUME_AFTER_WORKER = "resume after a worker's kill"
export const ANSWER_AFTER_POSTGRES = "first answer after a Postgres's kill"
export const DELIVERY_WITHOUT_REDIS = 'delivery with Redis off'

/** How long the 99th of a hundred may take, in milliseconds. */
const GOALS: Record<string, number> = {
  [RESUME_AFTER_WORKER]: 2_000,
  [ANSWER_AFTER_POSTGRES]: 3_000,
  [DELIVERY_WITHOUT_REDIS]: 1_000,
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

const percentile = (values: number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
