import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { KeyedCount } from '../transport/keyed-count.ts'
import type { ClientAddresses } from './client-address.ts'

/** Sockets for each request and WebSocket that an address may have: who has too many of those is told so, over another socket. */
const SOCKETS_FOR_EACH = 2

/**
 * What one address may have open, where addresses can be known: WebSockets and requests under way together, streams of events among
 * them; and twice as many sockets, of which those beyond are cut without a word.
 */
export class AddressGate {
  /** By `networkOf`; the WebSocket transport counts its connections here. */
  readonly open = new KeyedCount()
  readonly #sockets = new KeyedCount()
  readonly #addresses: ClientAddresses
  readonly max: number

  constructor(addresses: ClientAddresses, max: number) {
    this.#addresses = addresses
    this.max = max
  }

  /** Counts the sockets of a server. A proxy's are of nobody: whose each request is only its headers say. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      const address = this.#addresses.networkOf({ headers: {}, socket })
      if (address === undefined) return
      socket.once('close', () => this.#sockets.remove(address))
      if (this.#sockets.add(address) > SOCKETS_FOR_EACH * this.max) socket.destroy()
    })
  }

  /** Counts a request until it is answered; false where its address has too many. */
  enter(req: IncomingMessage, res: ServerResponse): boolean {
    const address = this.#addresses.networkOf(req)
    if (address === undefined) return true
    res.once('close', () => this.open.remove(address))
    return this.open.add(address) <= this.max
  }
}
