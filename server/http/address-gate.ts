import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { KeyedCount } from '../transport/keyed-count.ts'
import type { ClientAddresses } from './client-address.ts'

/** Sockets per allowed request or WebSocket: a client with too many of those receives the refusal over another socket. */
const SOCKETS_FOR_EACH = 2

/**
 * Bounds what one address may have open, if addresses can be determined: WebSockets and running requests together, including
 * event streams; and twice as many sockets, beyond which they are cut without a response.
 */
export class AddressGate {
  /** By `networkOf`; the WebSocket transport counts its connections here too. */
  readonly open = new KeyedCount()
  readonly #sockets = new KeyedCount()
  readonly #addresses: ClientAddresses
  readonly max: number

  constructor(addresses: ClientAddresses, max: number) {
    this.#addresses = addresses
    this.max = max
  }

  /** Counts the sockets of a server. A proxy's sockets belong to no client: only the headers of each request identify one. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      const address = this.#addresses.networkOf({ headers: {}, socket })
      if (address === undefined) return
      socket.once('close', () => this.#sockets.remove(address))
      if (this.#sockets.add(address) > SOCKETS_FOR_EACH * this.max) socket.destroy()
    })
  }

  /** Counts a request until it is answered; false if its address has too many. */
  enter(req: IncomingMessage, res: ServerResponse): boolean {
    const address = this.#addresses.networkOf(req)
    if (address === undefined) return true
    res.once('close', () => this.open.remove(address))
    return this.open.add(address) <= this.max
  }
}
