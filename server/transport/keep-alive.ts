import type { WebSocket } from 'ws'

export interface KeepAliveOptions {
  /** Default false. */
  enabled: boolean
  /** Milliseconds of silence before a ping; default 30,000. */
  pingMs?: number
  /** Milliseconds to wait for a sign of life after the ping; default 5,000. */
  pongWaitMs?: number
  /**
   * The ping: a message that the tRPC client answers (`message`, the default), or a control frame (`control`), which every
   * WebSocket answers by itself, even while the page's own code is asleep.
   */
  ping?: 'message' | 'control'
}

/**
 *   listening → pinged         the peer was silent for `pingMs`
 *   pinged → listening         the peer gave a sign of life
 *   listening, pinged → stopped
 */
type Mode = 'listening' | 'pinged' | 'stopped'

/**
 * Pings a peer that was silent for `pingMs`, and cuts the connection when nothing comes for `pongWaitMs` after the ping: a dead
 * peer is found within the sum of both, from its last sign of life. Everything that the peer sends is a sign of life. A slow
 * reader, whose pong is still far behind what the kernels hold for it, gives one when it makes room for more.
 */
export class KeepAlive {
  readonly #client: WebSocket
  readonly #ping: NonNullable<KeepAliveOptions['ping']>
  readonly #pingMs: number
  readonly #pongWaitMs: number
  #mode: Mode = 'listening'
  #timer: ReturnType<typeof setTimeout>

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

  /** Notes a sign of life. */
  heard(): void {
    if (this.#mode === 'listening') this.#timer.refresh()
    else if (this.#mode === 'pinged') this.#listen()
  }

  stop(): void {
    if (this.#mode === 'stopped') return
    this.#enter('stopped')
  }

  #listen(): void {
    if (this.#mode === 'pinged') this.#enter('listening')
    this.#timer = setTimeout(() => this.#onQuiet(), this.#pingMs)
  }

  #onQuiet(): void {
    // A connection that is not read can't be heard.
    if (this.#client.isPaused) return this.#listen()
    if (this.#ping === 'control') this.#client.ping()
    else this.#client.send('PING')
    this.#enter('pinged')
    this.#timer = setTimeout(() => this.#onSilence(), this.#pongWaitMs)
  }

  #onSilence(): void {
    if (this.#client.isPaused) this.#listen()
    else this.#client.terminate()
  }

  #enter(mode: Mode): void {
    if (this.#mode === 'stopped' || this.#mode === mode)
      throw new Error(`A keep-alive can't go from ${this.#mode} to ${mode}`)
    this.#mode = mode
    clearTimeout(this.#timer)
  }
}

/**
 * Answers the pings of a peer, on a `ws` server whose `autoPong` is off. With it on, ws cuts a connection that pings faster than
 * its pongs are written. RFC 6455, section 5.5.3, allows a pong for only the latest of several pings: one pong is on its way at a
 * time, and at most one more is due.
 */
export function answerPings(client: WebSocket): void {
  let isWriting = false
  let due: Buffer | undefined
  const pong = (data: Buffer) => {
    isWriting = true
    client.pong(data, false, () => {
      isWriting = false
      const next = due
      due = undefined
      if (next && client.readyState === client.OPEN) pong(next)
    })
  }
  client.on('ping', (data) => {
    if (isWriting) due = data
    else if (client.readyState === client.OPEN) pong(data)
  })
}
