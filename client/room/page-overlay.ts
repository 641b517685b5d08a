import type { Message, RoomEvent, UserSummary } from '../../shared/index.ts'

const MAX_NOTED = 1_000

/**
 * The changes that events report while a page of messages is on its way. They are laid over the page when it arrives, because a reducer
 * ignores messages beyond the loaded ones.
 */
export class PageOverlay {
  readonly #messages = new Map<string, Message>()
  readonly #users = new Map<string, UserSummary>()
  readonly #isOfList: (message: Message) => boolean

  constructor(isOfList: (message: Message) => boolean) {
    this.#isOfList = isOfList
  }

  /** More has changed than is kept: the page must be fetched again. */
  get isOverfull(): boolean {
    return this.#messages.size > MAX_NOTED || this.#users.size > MAX_NOTED
  }

  note(event: RoomEvent): void {
    if (this.isOverfull) return
    if ('message' in event && this.#isOfList(event.message)) this.#messages.set(event.message.id, event.message)
    if ('member' in event) this.#users.set(event.member.userId, event.member.user)
  }

  /** The messages of a page as they are by now, in the room's order. */
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

  /** What came after the message at `seq`, in the room's order. */
  after(seq: number): Message[] {
    return this.over([...this.#messages.values()].filter((message) => message.seq > seq))
  }
}
