import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

/** What looks at the database again, in case the bus lost something. */
export interface Reconciled {
  reconcile(signal: AbortSignal): Promise<void>
}

/** The poll behind the bus: every 2 s with jitter, so that nodes don't ask together. What fails is tried again by the next round. */
export class Reconciler {
  readonly #parts: Reconciled[]
  readonly #log: Logger
  readonly #everyMs: number
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(parts: Reconciled[], log: Logger, everyMs: number) {
    this.#parts = parts
    this.#log = log
    this.#everyMs = everyMs
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#everyMs * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined)
      for (const part of this.#parts) {
        if (signal.aborted) return
        try {
          await part.reconcile(signal)
        } catch (error) {
          this.#log.warn({ err: error }, 'unable to reconcile; trying again')
        }
      }
    }
  }
}
