import type { ChatClient } from '../../shared/index.ts'

const GATHER_MS = 250

/** Moves the viewer's read marker forward to what has been on the screen, a few times a second at most. */
export class ReadMarker {
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #known: () => number
  #wanted = 0
  #told = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param known how far the server's marker stands already, as the inbox tells it. */
  constructor(client: ChatClient, roomId: string, known: () => number) {
    this.#client = client
    this.#roomId = roomId
    this.#known = known
  }

  /** The message at `seq` and all before it have been seen. */
  seen(seq: number): void {
    if (seq <= this.#wanted) return
    this.#wanted = seq
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS)
  }

  /** Tells at once what was to be told in a moment. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#wanted > this.#told) void this.#tell()
  }

  async #tell() {
    this.#timer = undefined
    const seq = this.#wanted
    try {
      if (this.#known() < seq) await this.#client.receipt.read.mutate({ roomId: this.#roomId, seq })
      this.#told = Math.max(this.#told, seq)
    } catch {
      // The next message that is seen, or the next opening of the room, tells it again.
      this.#wanted = this.#told
    }
  }
}
