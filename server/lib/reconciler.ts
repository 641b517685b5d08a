import type { Logger } from 'pino'
import { jittered } from './pause.ts'
import { Wakeup } from './wakeup.ts'

/** Compares its state with the database, in case the bus lost something. */
export interface Reconciled {
  reconcile(signal: AbortSignal): Promise<void>
}

export interface ReconcilePace {
  /** The current interval in milliseconds. */
  everyMs(): number
  /** Calls back when the result of `everyMs` changes: the next round then starts at once. */
  onChange(listener: () => void): () => void
}

/** The poll behind the bus, with jitter that keeps nodes from polling together. The next round repeats what failed. */
export class Reconciler {
  readonly #parts: Reconciled[]
  readonly #log: Logger
  readonly #pace: ReconcilePace
  readonly #stopping = new AbortController()
  readonly #hurry = new Wakeup()
  #running: Promise<void> | undefined
  #failures = 0
  /** The time of the last successful round, by `performance.now()`. */
  #lastDoneAt = performance.now()

  constructor(parts: Reconciled[], log: Logger, pace: ReconcilePace) {
    this.#parts = parts
    this.#log = log
    this.#pace = pace
  }

  /** Number of rounds with a failure. */
  get failures(): number {
    return this.#failures
  }

  /** Time since the last successful round, or since the start. */
  get ageMs(): number {
    return performance.now() - this.#lastDoneAt
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    const unlisten = this.#pace.onChange(() => this.#hurry.wake())
    while (!signal.aborted) {
      await this.#pause(signal)
      let isDone = true
      for (const part of this.#parts) {
        if (signal.aborted) break
        try {
          await part.reconcile(signal)
        } catch (error) {
          isDone = false
          this.#log.warn({ err: error }, 'unable to reconcile; trying again')
        }
      }
      if (isDone) this.#lastDoneAt = performance.now()
      else this.#failures++
    }
    unlisten()
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const timer = setTimeout(() => this.#hurry.wake(), jittered(this.#pace.everyMs(), 0.25)).unref()
    await this.#hurry.wait(signal)
    clearTimeout(timer)
  }
}

/** While the bus is down: the shortest interval between rounds. */
const FASTEST_MS = 200
const ROOMS_PER_MS = 10

/**
 * The interval of the poll: slow while the bus works, and fast while it is known to be down, because then the poll is the only
 * source. A node with many rooms polls less often: up to 2,000 rooms every 200 ms, 10,000 every second.
 */
export function reconcilePace(
  bus: { readonly isUp: boolean; onHealthChange(listener: () => void): () => void },
  rooms: () => number,
  calmMs: number,
): ReconcilePace {
  return {
    everyMs: () => (bus.isUp ? calmMs : Math.min(calmMs, Math.max(FASTEST_MS, rooms() / ROOMS_PER_MS))),
    onChange: (listener) => bus.onHealthChange(listener),
  }
}
