/** A connection for which answers wait. */
export interface AnsweredPeer {
  /** More waits than may, and most of it for this one: it is told so and closed. */
  overflow(): void
}

/**
 * Answers of calls that wait for their reader, over all connections. Each connection has few calls at a time, but one user has many
 * connections, and what one asks for in a hundred bytes can be a MiB. Beyond `maxBytes` the connection for which most waits is ended:
 * a reader that is only slow has less waiting than one that asks and does not read.
 */
export class WaitingAnswers {
  readonly #maxBytes: number
  #bytes = 0
  /** Bounded by the connections, and in sum by `maxBytes`. */
  readonly #bytesOf = new Map<AnsweredPeer, number>()

  constructor(maxBytes = Infinity) {
    this.#maxBytes = maxBytes
  }

  /** An answer waits until `ready` resolves. */
  async hold(peer: AnsweredPeer, bytes: number, ready: Promise<void>): Promise<void> {
    this.#bytes += bytes
    this.#bytesOf.set(peer, (this.#bytesOf.get(peer) ?? 0) + bytes)
    if (this.#bytes > this.#maxBytes) this.#endLargest()
    await ready
    const held = this.#bytesOf.get(peer)
    // It was ended for all of its answers.
    if (held === undefined) return
    this.#bytes -= bytes
    if (held > bytes) this.#bytesOf.set(peer, held - bytes)
    else this.#bytesOf.delete(peer)
  }

  #endLargest(): void {
    let [largest, most]: [AnsweredPeer | undefined, number] = [undefined, 0]
    for (const [peer, bytes] of this.#bytesOf) if (bytes > most) [largest, most] = [peer, bytes]
    if (!largest) return
    this.#bytesOf.delete(largest)
    this.#bytes -= most
    largest.overflow()
  }
}
