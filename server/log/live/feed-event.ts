import { formatPosition } from '../../../shared/position.ts'
import type { LogEvent, RoomEvent } from '../../../shared/room-event.ts'
import { LiveEvent } from '../../transport/live-stream.ts'

/** An event in a feed and the forms that subscribers are sent. Each form is made once, when the first subscriber needs it. */
export class FeedEvent {
  readonly log: LogEvent
  /** Whether the event is about a member: joined, left or changed. */
  readonly isOfMember: boolean
  readonly #position: string
  /** The event is visible to subscribers whose first visible message is at or below this seq. */
  readonly #messageSeq: number
  /** The seq of the creation that this event describes: of the message, or of the membership. */
  readonly #begunAt: number
  #visible: LiveEvent<RoomEvent> | undefined
  #continued: LiveEvent<RoomEvent> | undefined
  #hidden: LiveEvent<RoomEvent> | undefined

  constructor(log: LogEvent, epoch: string) {
    this.log = log
    this.isOfMember = 'member' in log
    this.#messageSeq = 'message' in log ? log.message.seq : Infinity
    this.#begunAt = begunAt(log)
    this.#position = formatPosition(epoch, log.seq)
  }

  get seq(): number {
    return this.log.seq
  }

  /**
   * The event for a subscriber at `position` who sees messages from `fromSeq` on. An event that was read to fill a gap stands for
   * a creation and every change after it. A subscriber inside that interval, coming from another node, has seen the creation and
   * receives an update.
   */
  seenFrom(position: number, fromSeq: number): LiveEvent<RoomEvent> {
    const { log } = this
    if (this.#messageSeq < fromSeq) {
      return (this.#hidden ??= new LiveEvent({ type: 'hidden', seq: log.seq, prev: log.prev }, this.#position))
    }
    if (this.#begunAt <= position) return (this.#continued ??= new LiveEvent(continued(log), this.#position))
    return (this.#visible ??= new LiveEvent(log, this.#position))
  }
}

function begunAt(log: LogEvent): number {
  if (log.type === 'message.created') return log.message.seq
  return log.type === 'member.joined' ? log.member.joinedSeq : Infinity
}

function continued(log: LogEvent): LogEvent {
  if (log.type === 'message.created') {
    return { ...log, type: log.message.deletedAt ? 'message.deleted' : 'message.updated' }
  }
  return log.type === 'member.joined' ? { ...log, type: 'member.updated' } : log
}
