import type { InboxEvent } from '../../shared/inbox.ts'
import { formatPosition } from '../../shared/position.ts'
import type { LogEvent, RoomEvent } from '../../shared/room-event.ts'
import { LiveEvent } from '../transport/live-stream.ts'

/** An event in a feed, with what subscribers are sent of it: each made once, by whoever needs it first. */
export class FeedEvent {
  readonly log: LogEvent
  readonly #position: string
  #visible: LiveEvent<RoomEvent> | undefined
  #hidden: LiveEvent<RoomEvent> | undefined
  #inbox: LiveEvent<InboxEvent> | null | undefined

  constructor(log: LogEvent, epoch: string) {
    this.log = log
    this.#position = formatPosition(epoch, log.seq)
  }

  get seq(): number {
    return this.log.seq
  }

  /** As somebody is sent it who sees messages from `fromSeq` on. */
  visibleFrom(fromSeq: number): LiveEvent<RoomEvent> {
    const { log } = this
    if (!('message' in log) || log.message.seq >= fromSeq) return (this.#visible ??= new LiveEvent(log, this.#position))
    return (this.#hidden ??= new LiveEvent({ type: 'hidden', seq: log.seq, prev: log.prev }, this.#position))
  }

  /** As an inbox is sent it, made by `toInboxEvent`; null where it is of no interest there. */
  inInbox(toInboxEvent: (log: LogEvent) => InboxEvent | undefined): LiveEvent<InboxEvent> | null {
    if (this.#inbox === undefined) {
      const event = toInboxEvent(this.log)
      this.#inbox = event ? new LiveEvent(event) : null
    }
    return this.#inbox
  }
}
