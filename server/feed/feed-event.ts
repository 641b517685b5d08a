import { formatPosition } from '../../shared/position.ts'
import type { LogEvent, RoomEvent } from '../../shared/room-event.ts'
import { LiveEvent } from '../transport/live-stream.ts'

/** An event in a feed, with what subscribers are sent of it: each made once, by whoever needs it first. */
export class FeedEvent {
  readonly log: LogEvent
  /** Whether somebody joined or left by it, or changed as a member. */
  readonly isOfMember: boolean
  readonly #position: string
  /** For whom it is visible: who sees messages from here on. */
  readonly #messageSeq: number
  #visible: LiveEvent<RoomEvent> | undefined
  #hidden: LiveEvent<RoomEvent> | undefined

  constructor(log: LogEvent, epoch: string) {
    this.log = log
    this.isOfMember = 'member' in log
    this.#messageSeq = 'message' in log ? log.message.seq : Infinity
    this.#position = formatPosition(epoch, log.seq)
  }

  get seq(): number {
    return this.log.seq
  }

  /** As somebody is sent it who sees messages from `fromSeq` on. */
  visibleFrom(fromSeq: number): LiveEvent<RoomEvent> {
    const { log } = this
    if (this.#messageSeq >= fromSeq) return (this.#visible ??= new LiveEvent(log, this.#position))
    return (this.#hidden ??= new LiveEvent({ type: 'hidden', seq: log.seq, prev: log.prev }, this.#position))
  }
}
