import { formatPosition } from '../../../shared/position.ts'
import type { LogEvent, RoomEvent } from '../../../shared/room-event.ts'
import { LiveEvent } from '../../transport/live-stream.ts'

/** An event in a feed, with what subscribers are sent of it: each made once, by whoever needs it first. */
export class FeedEvent {
  readonly log: LogEvent
  /** Whether somebody joined or left by it, or changed as a member. */
  readonly isOfMember: boolean
  readonly #position: string
  /** For whom it is visible: who sees messages from here on. */
  readonly #messageSeq: number
  /** When what it tells the beginning of began. */
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
   * As somebody is sent it who stands at `place` and sees messages from `fromSeq` on. One that was read over a gap tells of a beginning
   * and all that followed it; who stands within it, having come from another node, has seen the beginning, and is told of the change.
   */
  seenFrom(place: number, fromSeq: number): LiveEvent<RoomEvent> {
    const { log } = this
    if (this.#messageSeq < fromSeq) {
      return (this.#hidden ??= new LiveEvent({ type: 'hidden', seq: log.seq, prev: log.prev }, this.#position))
    }
    if (this.#begunAt <= place) return (this.#continued ??= new LiveEvent(continued(log), this.#position))
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
