import type { Logger } from 'pino'
import type { Bus, BusListener, BusMessage, Unsubscribe } from './bus.ts'
import { LocalListeners } from './local-listeners.ts'

/** The bus of a single process, which is never down. */
export class MemoryBus implements Bus {
  /** There are no other nodes. */
  readonly isUp = true
  readonly #listeners: LocalListeners

  constructor(log: Logger) {
    this.#listeners = new LocalListeners(log)
  }

  onHealthChange(_listener: () => void): Unsubscribe {
    return () => undefined
  }

  publish(channel: string, message: BusMessage): void {
    this.#listeners.deliver(channel, message)
  }

  async subscribe(channel: string, listener: BusListener): Promise<Unsubscribe> {
    // A function of its own per subscription: the same listener may subscribe twice.
    const own: BusListener = (message) => listener(message)
    this.#listeners.add(channel, own)
    return () => this.#listeners.remove(channel, own)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
  }
}
