import type { Logger } from 'pino'
import type { Bus, BusListener, BusMessage, Unsubscribe } from './bus.ts'

/** The bus of a single process: a message reaches every listener before `publish` returns. */
export class MemoryBus implements Bus {
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<BusListener>>()

  constructor(log: Logger) {
    this.#log = log
  }

  publish(channel: string, message: BusMessage): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(message)
      } catch (error) {
        this.#log.error({ err: error, channel }, 'a bus listener failed')
      }
    }
  }

  async subscribe(channel: string, listener: BusListener): Promise<Unsubscribe> {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    }
  }

  async close(): Promise<void> {
    this.#listeners.clear()
  }
}
