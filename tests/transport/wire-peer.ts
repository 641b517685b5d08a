import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'

/** A message of tRPC's protocol, as it came over the wire. */
export interface WireMessage {
  id?: number | string | null
  jsonrpc?: string
  method?: string
  result?: { type?: string; data?: unknown; id?: string }
  error?: { code: number; message: string; data: { code: string; path?: string } }
}

/** A peer without a client's manners: it sends what it is told, and remembers what comes. */
export class WirePeer {
  readonly socket: WebSocket
  /** What came, message by message; PONG and the like as they are. */
  readonly texts: string[] = []
  /** Those of them that are messages, each parsed once. */
  readonly messages: WireMessage[] = []
  #changed = Promise.withResolvers<void>()
  closed: { code: number; reason: string } | undefined

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options })
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString()
      this.texts.push(text)
      if (text.startsWith('{')) this.messages.push(JSON.parse(text))
      this.#tell()
    })
    this.socket.once('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#tell()
    })
  }

  /** One that is open, and gone when the test is. */
  static async connect(url: string, options?: ClientOptions): Promise<WirePeer> {
    const peer = new WirePeer(url, options)
    onTestFinished(() => peer.socket.terminate())
    await once(peer.socket, 'open')
    return peer
  }

  /** What came for one call. */
  of(id: number | string | null): WireMessage[] {
    return this.messages.filter((message) => message.id === id)
  }

  /** Codes of the errors that came for one call. */
  errorsOf(id: number | string | null): string[] {
    return this.of(id).flatMap(({ error }) => error?.data.code ?? [])
  }

  send(...messages: unknown[]): void {
    for (const message of messages) this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Resolves when it holds, after whatever comes; the test's own time limit is the bound. */
  async until(holds: (peer: WirePeer) => boolean): Promise<this> {
    while (!holds(this)) await this.#changed.promise
    return this
  }

  /** Resolves when all that was sent before has been handled, and all that was answered at once has arrived. */
  async settled(): Promise<this> {
    const pongs = () => this.texts.filter((text) => text === 'PONG').length
    const before = pongs()
    this.send('PING')
    return this.until(() => pongs() > before || this.closed !== undefined)
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

export const query = (id: number, path: string, input?: unknown) => ({ id, method: 'query', params: { path, input } })
export const mutation = (id: number, path: string, input?: unknown) => ({
  id,
  method: 'mutation',
  params: { path, input },
})
export const subscription = (id: number, path: string, input?: unknown) => ({
  id,
  method: 'subscription',
  params: { path, input },
})
export const stop = (id: number) => ({ id, method: 'subscription.stop' })
