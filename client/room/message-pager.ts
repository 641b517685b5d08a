import { type ChatClient, LIMITS, type Message, type RoomEvent } from '../../shared/index.ts'
import { PageOverlay } from './page-overlay.ts'

/** `more` can be loaded, `none` is the end of the history, `failed` can be tried again. */
export type PagePhase = 'more' | 'loading' | 'none' | 'failed'

export type PageDirection = 'older' | 'newer'

/** Messages beyond the edge of the loaded ones, in the room's order. */
export interface LoadedPage {
  messages: Message[]
  hasMore: boolean
}

/** Pages from the edge of the loaded messages outward, in one direction. */
export class MessagePager {
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #direction: PageDirection
  readonly #limit: number
  #phase: PagePhase = 'none'
  /** The cursor of the next page; undefined as long as only the message at the edge determines it. */
  #cursor: string | undefined
  /** Each start has a number. A page of an earlier start is dropped. */
  #start = 0
  #meanwhile: PageOverlay | undefined

  constructor(client: ChatClient, roomId: string, direction: PageDirection, limit: number) {
    this.#client = client
    this.#roomId = roomId
    this.#direction = direction
    this.#limit = limit
  }

  get phase(): PagePhase {
    return this.#phase
  }

  /** Starts over from the current edge. A page that is loading is dropped. */
  reset(hasMore: boolean, cursor?: string): void {
    this.#start++
    this.#phase = hasMore ? 'more' : 'none'
    this.#cursor = cursor
    this.#meanwhile = undefined
  }

  note(event: RoomEvent): void {
    this.#meanwhile?.note(event)
  }

  /**
   * The page beyond `edge`; undefined if there is none, or if the request is dropped or fails. `onPhase` is called when it
   * begins.
   */
  async load(edge: Message, onPhase: () => void): Promise<LoadedPage | undefined> {
    if (this.#phase === 'loading' || this.#phase === 'none') return undefined
    const start = this.#start
    const meanwhile = new PageOverlay()
    this.#phase = 'loading'
    this.#meanwhile = meanwhile
    onPhase()
    try {
      const { items, next } = await this.#page(edge)
      if (start !== this.#start) return undefined
      if (meanwhile.isOverfull) throw new Error('Unable to use the page; too much has changed since it was requested')
      const beyond = items.filter((message) => message.threadId === null && this.#isBeyond(message, edge))
      const messages = meanwhile.over(beyond)
      // A page that reaches the newest message lacks those that arrived since it was requested.
      if (this.#direction === 'newer' && next === null)
        messages.push(...meanwhile.after(messages.at(-1)?.seq ?? edge.seq))
      this.#cursor = next ?? undefined
      this.#phase = next === null ? 'none' : 'more'
      return { messages, hasMore: next !== null }
    } catch {
      if (start === this.#start) this.#phase = 'failed'
      return undefined
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = undefined
    }
  }

  async #page(edge: Message): Promise<{ items: Message[]; next: string | null }> {
    const roomId = this.#roomId
    const limit = this.#limit
    // Half of the page lies on the other side.
    const aroundEdge = Math.min(LIMITS.page, 2 * limit)
    let cursor = this.#cursor
    if (cursor === undefined) {
      const around = await this.#client.message.around.query({ roomId, messageId: edge.id, limit: aroundEdge })
      const next = this.#direction === 'older' ? around.olderCursor : around.newerCursor
      if (next === null || around.items.some((message) => this.#isBeyond(message, edge))) {
        return { items: around.items, next }
      }
      cursor = next
    }
    const direction = this.#direction
    const { items, nextCursor } = await this.#client.message.list.query({ roomId, cursor, limit, direction })
    return { items, next: nextCursor }
  }

  #isBeyond({ seq }: Message, edge: Message): boolean {
    return this.#direction === 'older' ? seq < edge.seq : seq > edge.seq
  }
}
