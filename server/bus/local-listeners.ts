import type { Logger } from 'pino'
import type { BusListener, BusMessage } from './bus.ts'

/** The listeners on this node, by channel. */
export class LocalListeners {
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<BusListener>>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Delivers a message to every listener before returning, even if one of them throws. */
  deliver(channel: string, message: BusMessage): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(message)
      } catch (error) {
        this.#log.error({ err: error, channel }, 'a bus listener failed')
      }
    }
  }

  add(channel: string, listener: BusListener): void {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
  }

  remove(channel: string, listener: BusListener): void {
    const listeners = this.#listeners.get(channel)
    listeners?.delete(listener)
    if (listeners?.size === 0) this.#listeners.delete(channel)
  }

  clear(): void {
    this.#listeners.clear()
  }
}
