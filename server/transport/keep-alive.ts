import type { WebSocket } from 'ws'
import type { KeepAliveOptions } from './handler-options.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'

/**
 * Pings a peer that was silent for `pingMs`, and cuts the connection when nothing comes for `pongWaitMs` after it.
 *
 * A slow reader is not a dead one: its pong comes after what the kernels still hold for it. When the kernel was full and has taken more
 * since, the peer has read something, and is given the same time again.
 */
export class KeepAlive {
  readonly #client: WebSocket
  readonly #queue: OutgoingQueue
  readonly #ping: NonNullable<KeepAliveOptions['ping']>
  readonly #pingMs: number
  readonly #pongWaitMs: number
  #timer: ReturnType<typeof setTimeout>
  #isWaiting = false
  #piecesBefore = 0

  constructor(
    client: WebSocket,
    queue: OutgoingQueue,
    { ping = 'message', pingMs = 30_000, pongWaitMs = 5_000 }: Omit<KeepAliveOptions, 'enabled'>,
  ) {
    this.#client = client
    this.#queue = queue
    this.#ping = ping
    this.#pingMs = pingMs
    this.#pongWaitMs = pongWaitMs
    this.#timer = setTimeout(() => this.#onQuiet(), pingMs)
  }

  /** To be called for everything that comes from the peer. */
  heard(): void {
    if (this.#isWaiting) this.#awaitQuiet()
    else this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
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
    this.#awaitSign()
  }

  #awaitSign(): void {
    this.#piecesBefore = this.#queue.pieces
    this.#timer = setTimeout(() => this.#onSilence(), this.#pongWaitMs)
  }

  #onSilence(): void {
    if (this.#client.isPaused) return this.#awaitQuiet()
    if (this.#queue.pieces > this.#piecesBefore) this.#awaitSign()
    else this.#client.terminate()
  }
}
