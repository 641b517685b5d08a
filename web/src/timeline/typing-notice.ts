import type { ChatClient } from '../../../shared/index.ts'

const REPEAT_MS = 3_000
const PAUSE_MS = 4_000

/** Tells the room that the viewer types: once at the start, again every three seconds, and when it is over. */
export class TypingNotice {
  readonly #client: ChatClient
  readonly #roomId: string
  /** When it was last told; 0 while the room believes that nobody types here. */
  #toldAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(client: ChatClient, roomId: string) {
    this.#client = client
    this.#roomId = roomId
  }

  /** For every keystroke. */
  typed() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.ended(), PAUSE_MS)
    if (Date.now() - this.#toldAt < REPEAT_MS) return
    this.#toldAt = Date.now()
    this.#tell(true)
  }

  ended() {
    clearTimeout(this.#timer)
    if (this.#toldAt === 0) return
    this.#toldAt = 0
    this.#tell(false)
  }

  /** While the connection is away there is nobody to tell, and nothing to make up for later. */
  #tell(isTyping: boolean) {
    if (this.#client.connection.state.status !== 'open') return
    this.#client.typing.set.mutate({ roomId: this.#roomId, isTyping }).catch(() => undefined)
  }
}
