import type { Logger } from 'pino'
import { KeyedSubscriptions } from '../lib/keyed-subscriptions.ts'
import type { Bus, BusListener, BusMessage, Unsubscribe } from './bus.ts'
import { decodeBusMessage, encodeBusMessage, prefixOf } from './bus-codec.ts'
import { LocalListeners } from './local-listeners.ts'
import type { RedisLink } from './redis-link.ts'

/**
 * The bus between several nodes, over Redis's sharded publish/subscribe. Listeners on the publishing node receive a message
 * immediately, without Redis. A node subscribes only to channels that have a listener on it.
 */
export class RedisBus implements Bus {
  readonly #link: RedisLink
  readonly #log: Logger
  readonly #own: string
  readonly #listeners: LocalListeners
  readonly #subscribed = new KeyedSubscriptions<undefined>()
  #isNonsenseReported = false

  constructor(link: RedisLink, log: Logger) {
    this.#link = link
    this.#log = log
    this.#own = prefixOf(link.node)
    this.#listeners = new LocalListeners(log)
  }

  get isUp(): boolean {
    return !this.#link.isDown
  }

  onHealthChange(listener: () => void): Unsubscribe {
    return this.#link.onHealthChange(listener)
  }

  publish(channel: string, message: BusMessage): void {
    this.#listeners.deliver(channel, message)
    if (this.isUp) this.#link.publish(channel, encodeBusMessage(this.#link.node, message))
  }

  async subscribe(channel: string, listener: BusListener): Promise<Unsubscribe> {
    const own: BusListener = (message) => listener(message)
    this.#listeners.add(channel, own)
    const { release } = await this.#subscribed.acquire(channel, () => ({
      value: undefined,
      opened: this.#open(channel),
    }))
    return () => {
      this.#listeners.remove(channel, own)
      release()
    }
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#subscribed.close()
    await this.#link.stop()
  }

  async #open(channel: string): Promise<Unsubscribe> {
    await this.#link.subscribe(channel, (text) => this.#receive(channel, text))
    return () => this.#link.unsubscribe(channel)
  }

  #receive(channel: string, text: string): void {
    if (text.startsWith(this.#own)) return
    let message: BusMessage
    try {
      message = decodeBusMessage(text)
    } catch (error) {
      this.#reportNonsense(channel, error)
      return
    }
    this.#listeners.deliver(channel, message)
  }

  /** Logs once: otherwise invalid messages published to Redis could fill the log. */
  #reportNonsense(channel: string, error: unknown): void {
    if (this.#isNonsenseReported) return
    this.#isNonsenseReported = true
    this.#log.warn({ err: error, channel }, 'ignored an invalid bus message; further ones are not logged')
  }
}
