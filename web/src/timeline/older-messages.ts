import type { ChatClient, Message } from '../../../shared/index.ts'

/** `more` can be loaded, `none` is the beginning of the room; `failed` can be tried again. */
export type OlderPhase = 'more' | 'loading' | 'none' | 'failed'

const PAGE = 50

/**
 * Pages backwards from the oldest message that is loaded. The reducer ignores events about older messages, so a change that
 * arrives while a page is on its way is noted here and laid over the page.
 */
export class OlderMessages {
  #phase: OlderPhase = 'none'
  readonly #client: ChatClient
  readonly #roomId: string
  /** Where the next page begins; undefined while only the oldest message itself says where that is. */
  #cursor: string | undefined
  /** Each beginning has a number; a page of an earlier one is dropped. */
  #start = 0
  readonly #changedMeanwhile = new Map<string, Message>()

  constructor(client: ChatClient, roomId: string) {
    this.#client = client
    this.#roomId = roomId
  }

  get phase(): OlderPhase {
    return this.#phase
  }

  /** Begins anew from whatever is the oldest message now; a page on its way is dropped. */
  reset(hasMore: boolean) {
    this.#start++
    this.#phase = hasMore ? 'more' : 'none'
    this.#cursor = undefined
  }

  /** A message as an event has just told of it. */
  note(message: Message) {
    if (this.#phase === 'loading') this.#changedMeanwhile.set(message.id, message)
  }

  /** Loads one page before `oldest()` and gives it to `take`, oldest first; `onPhase` is called when the phase changes. */
  async load(oldest: () => Message | undefined, onPhase: () => void, take: (messages: Message[]) => void) {
    const first = oldest()
    if (!first || this.#phase === 'loading' || this.#phase === 'none') return
    const start = this.#start
    this.#phase = 'loading'
    this.#changedMeanwhile.clear()
    onPhase()
    try {
      const { items, next } = await this.#page(first)
      if (start !== this.#start) return
      const older = items.filter(({ seq, threadId }) => threadId === null && seq < first.seq)
      this.#cursor = next ?? undefined
      this.#phase = next ? 'more' : 'none'
      take(older.map((message) => this.#latest(message)).toSorted((a, b) => a.seq - b.seq))
    } catch {
      if (start !== this.#start) return
      this.#phase = 'failed'
    }
    onPhase()
  }

  async #page(oldest: Message): Promise<{ items: Message[]; next: string | null }> {
    const roomId = this.#roomId
    let cursor = this.#cursor
    if (cursor === undefined) {
      const around = await this.#client.message.around.query({ roomId, messageId: oldest.id, limit: PAGE })
      const isEnough = around.olderCursor === null || around.items.some(({ seq }) => seq < oldest.seq)
      if (isEnough) return { items: around.items, next: around.olderCursor }
      cursor = around.olderCursor ?? undefined
    }
    const { items, nextCursor } = await this.#client.message.list.query({ roomId, cursor, limit: PAGE })
    return { items, next: nextCursor }
  }

  #latest(message: Message): Message {
    const changed = this.#changedMeanwhile.get(message.id)
    return changed && changed.changedSeq > message.changedSeq ? changed : message
  }
}
