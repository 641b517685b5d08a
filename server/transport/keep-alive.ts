import type { WebSocket } from 'ws'
import type { KeepAliveOptions } from './handler-options.ts'

/**
 * Pings a peer that was silent for `pingMs`, and cuts the connection when nothing comes for `pongWaitMs` after it: a dead peer is found
 * within the sum of both, from its last sign of life. Signs of life are whatever it sends, and, for a slow reader whose pong is
 * still far behind what the kernels hold for it, that it made room for more.
 */
export class KeepAlive {
  readonly #client: WebSocket
  readonly #ping: NonNullable<KeepAliveOptions['ping']>
  readonly #pingMs: number
  readonly #pongWaitMs: number
  /** Undefined when it is stopped: to refresh a timer that was cleared would start it again. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #isWaiting = false

  constructor(
    client: WebSocket,
    { ping = 'message', pingMs = 30_000, pongWaitMs = 5_000 }: Omit<KeepAliveOptions, 'enabled'>,
  ) {
    this.#client = client
    this.#ping = ping
    this.#pingMs = pingMs
    this.#pongWaitMs = pongWaitMs
    this.#timer = setTimeout(() => this.#onQuiet(), pingMs)
  }

  /** To be called for every sign of life. */
  heard(): void {
    if (this.#isWaiting) this.#awaitQuiet()
    else this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isWaiting = false
  }

  #awaitQuiet(): void {
    clearTimeout(this.#timer)
    this.#isWaiting = false
    this.#timer = setTimeout(() => this.#onQuiet(), this.#pingMs)
  }

  #onQuiet(): void {
    // A connection that is not read can't be heard.
    if (this.#client.isPaused) return this.#awaitQuiet()
    if (this.#ping === 'control') this.#client.ping()
    else this.#client.send('PING')
    this.#isWaiting = true
    this.#timer = setTimeout(() => this.#onSilence(), this.#pongWaitMs)
  }

  #onSilence(): void {
    if (this.#client.isPaused) this.#awaitQuiet()
    else this.#client.terminate()
  }
}
