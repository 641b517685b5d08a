import type { Message, RoomEvent, UserSummary } from '../../shared/index.ts'

const MAX_NOTED = 1_000

/**
 * Events that arrive while a page of messages is loading. The reducer ignores messages beyond the loaded ones. The overlay
 * records their changes and applies them to the page when it arrives.
 */
export class PageOverlay {
  readonly #messages = new Map<string, Message>()
  readonly #users = new Map<string, UserSummary>()

  /** More events arrived than the overlay keeps. The page is stale and must be requested again. */
  get isOverfull(): boolean {
    return this.#messages.size > MAX_NOTED || this.#users.size > MAX_NOTED
  }

  note(event: RoomEvent): void {
    if (this.isOverfull) return
    if ('message' in event && event.message.threadId === null) this.#messages.set(event.message.id, event.message)
    if ('member' in event) this.#users.set(event.member.userId, event.member.user)
  }

  /** The messages of a page in their current state, in the room's order. */
  over(page: readonly Message[]): Message[] {
    return page
      .map((message) => {
        const changed = this.#messages.get(message.id)
        const latest = changed && changed.changedSeq > message.changedSeq ? changed : message
        const sender = this.#users.get(message.senderId)
        return sender ? { ...latest, sender } : latest
      })
      .toSorted((a, b) => a.seq - b.seq)
  }

  /** The messages that arrived after the message at `seq`, in the room's order. */
  after(seq: number): Message[] {
    return this.over([...this.#messages.values()].filter((message) => message.seq > seq))
  }
}
