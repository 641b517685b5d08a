/** A connection with responses that wait. */
export interface SlowPeer {
  /** Ends the connection, with an error first: too much waits, and most of it for this peer. */
  overflow(): void
}

/**
 * Responses to calls that wait for their reader, over all connections. Each connection has few calls in flight, but one user can
 * have many connections, and a call of a hundred bytes can ask for a MiB. Above `maxBytes` the connection with the most waiting
 * bytes is ended: a reader that is only slow has less waiting than one that asks and does not read.
 */
export class PendingResponses {
  readonly #maxBytes: number
  #bytes = 0
  /** Bounded by the connections, and in sum by `maxBytes`. */
  readonly #bytesOf = new Map<SlowPeer, number>()

  constructor(maxBytes = Infinity) {
    this.#maxBytes = maxBytes
  }

  /** Counts a response that waits until `ready` resolves. */
  async hold(peer: SlowPeer, bytes: number, ready: Promise<void>): Promise<void> {
    this.#bytes += bytes
    this.#bytesOf.set(peer, (this.#bytesOf.get(peer) ?? 0) + bytes)
    if (this.#bytes > this.#maxBytes) this.#endLargest()
    await ready
    const held = this.#bytesOf.get(peer)
    // The peer was ended, and all of its responses were uncounted.
    if (held === undefined) return
    this.#bytes -= bytes
    if (held > bytes) this.#bytesOf.set(peer, held - bytes)
    else this.#bytesOf.delete(peer)
  }

  #endLargest(): void {
    let [largest, most]: [SlowPeer | undefined, number] = [undefined, 0]
    for (const [peer, bytes] of this.#bytesOf) if (bytes > most) [largest, most] = [peer, bytes]
    if (!largest) return
    this.#bytesOf.delete(largest)
    this.#bytes -= most
    largest.overflow()
  }
}
