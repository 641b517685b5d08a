import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { KeepAliveOptions } from './handler-options.ts'

/**
 * Pings a peer that was silent for `pingMs`, and cuts the connection when nothing comes for `pongWaitMs` after it.
 *
 * A slow reader is not a dead one: its pong waits behind what is queued for it. While the kernel was full and takes more again, the
 * peer has taken something, and that counts as a sign of life. (A kernel that merely takes what little there is proves nothing.)
 */
export class KeepAlive {
  readonly #client: WebSocket
  readonly #socket: Socket
  readonly #ping: NonNullable<KeepAliveOptions['ping']>
  readonly #pingMs: number
  readonly #pongWaitMs: number
  #timer: ReturnType<typeof setTimeout>
  #isWaiting = false
  /** Bytes that the kernel had taken at the last look, where it was full then. */
  #takenWhenFull: number | undefined

  constructor(
    client: WebSocket,
    socket: Socket,
    { ping = 'message', pingMs = 30_000, pongWaitMs = 5_000 }: Omit<KeepAliveOptions, 'enabled'>,
  ) {
    this.#client = client
    this.#socket = socket
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
    const { writableLength, bytesWritten } = this.#socket
    this.#takenWhenFull = writableLength > 0 ? bytesWritten - writableLength : undefined
    this.#timer = setTimeout(() => this.#onSilence(), this.#pongWaitMs)
  }

  #onSilence(): void {
    if (this.#client.isPaused) return this.#awaitQuiet()
    const { writableLength, bytesWritten } = this.#socket
    const hasTaken = this.#takenWhenFull !== undefined && bytesWritten - writableLength > this.#takenWhenFull
    if (hasTaken) this.#awaitSign()
    else this.#client.terminate()
  }
}
