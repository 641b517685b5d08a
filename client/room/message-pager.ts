import { type ChatClient, LIMITS, type Message, type RoomEvent } from '../../shared/index.ts'
import { PageOverlay } from './page-overlay.ts'

/** `more` can be loaded, `none` is the end of what there is; `failed` can be tried again. */
export type PagePhase = 'more' | 'loading' | 'none' | 'failed'

export type PageDirection = 'older' | 'newer'

/** Messages beyond the edge of what is loaded, in the room's order. */
export interface LoadedPage {
  messages: Message[]
  hasMore: boolean
}

/** A list of messages that the server pages. */
export interface PagedList {
  direction: PageDirection
  isOfList(message: Message): boolean
  /** The page from `cursor`, or beyond `edge` where no cursor is known; `next` is null on the last page. */
  fetch(cursor: string | undefined, edge: Message): Promise<{ items: Message[]; next: string | null }>
}

/** Pages from the edge of the loaded messages outward, in one direction. */
export class MessagePager {
  readonly #list: PagedList
  #phase: PagePhase = 'none'
  /** Where the next page begins; undefined while only the message at the edge itself says where that is. */
  #cursor: string | undefined
  /** Each beginning has a number; a page of an earlier one is dropped. */
  #start = 0
  #overlay: PageOverlay | undefined

  constructor(list: PagedList) {
    this.#list = list
  }

  get phase(): PagePhase {
    return this.#phase
  }

  /** Begins again from the message that is at the edge now. A page on its way is dropped. */
  reset(hasMore: boolean, cursor?: string): void {
    this.#start++
    this.#phase = hasMore ? 'more' : 'none'
    this.#cursor = cursor
    this.#overlay = undefined
  }

  note(event: RoomEvent): void {
    this.#overlay?.note(event)
  }

  /** The page beyond `edge`; undefined where there is none, or the request failed. `onPhase` is called when it begins. */
  async load(edge: Message, onPhase: () => void): Promise<LoadedPage | undefined> {
    if (this.#phase === 'loading' || this.#phase === 'none') return undefined
    const { direction, isOfList, fetch } = this.#list
    const start = this.#start
    const overlay = new PageOverlay(isOfList)
    this.#phase = 'loading'
    this.#overlay = overlay
    onPhase()
    try {
      const { items, next } = await fetch(this.#cursor, edge)
      if (start !== this.#start) return undefined
      if (overlay.isOverfull) throw new Error('Unable to take the page; too much has changed since it was asked for')
      const messages = overlay.over(items.filter((item) => isOfList(item) && isBeyond(item, edge, direction)))
      // At the newest message of all, later messages are not on the page.
      if (direction === 'newer' && next === null) messages.push(...overlay.after(messages.at(-1)?.seq ?? edge.seq))
      this.#cursor = next ?? undefined
      this.#phase = next === null ? 'none' : 'more'
      return { messages, hasMore: next !== null }
    } catch {
      if (start === this.#start) this.#phase = 'failed'
      return undefined
    } finally {
      if (this.#overlay === overlay) this.#overlay = undefined
    }
  }
}

/** The messages of a room's timeline: no replies in threads. */
export const isOfTimeline = (message: Message): boolean => message.threadId === null

/** A room's timeline, in one direction. */
export function timelinePages(
  client: ChatClient,
  roomId: string,
  { direction, limit }: { direction: PageDirection; limit: number },
): PagedList {
  return {
    direction,
    isOfList: isOfTimeline,
    async fetch(known, edge) {
      let cursor = known
      if (cursor === undefined) {
        // Half of it lies on the other side.
        const aroundEdge = Math.min(LIMITS.page, 2 * limit)
        const around = await client.message.around.query({ roomId, messageId: edge.id, limit: aroundEdge })
        const next = direction === 'older' ? around.olderCursor : around.newerCursor
        if (next === null || around.items.some((message) => isBeyond(message, edge, direction))) {
          return { items: around.items, next }
        }
        cursor = next
      }
      const { items, nextCursor } = await client.message.list.query({ roomId, cursor, limit, direction })
      return { items, next: nextCursor }
    },
  }
}

const isBeyond = ({ seq }: Message, edge: Message, direction: PageDirection): boolean =>
  direction === 'older' ? seq < edge.seq : seq > edge.seq
