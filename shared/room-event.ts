import type { Meta } from './json.ts'
import type { Member } from './member.ts'
import type { Message } from './message.ts'
import type { Room } from './room.ts'

/** Where an event lies in its room's log: it covers the interval `(prev, seq]`. */
export interface LogInterval {
  seq: number
  prev: number
}

export type MessageEventType = 'message.created' | 'message.updated' | 'message.deleted'
export type MemberEventType = 'member.joined' | 'member.updated' | 'member.left'
export type RoomEventType = 'room.updated' | 'room.deleted'

/** The stream's position. Always the first event, and the last one of a catch-up whose end this member may not see. */
export interface ReadyEvent extends LogInterval {
  type: 'ready'
}
export interface MessageEvent<M extends object = Meta> extends LogInterval {
  type: MessageEventType
  message: Message<M>
}
export interface MemberEvent extends LogInterval {
  type: MemberEventType
  member: Member
  memberCount: number
}
export interface RoomChangedEvent extends LogInterval {
  type: RoomEventType
  room: Room
}
/** A change that this member may not see. */
export interface HiddenEvent extends LogInterval {
  type: 'hidden'
}
export type ResetReason = 'epoch' | 'too-old' | 'too-far'
/** The position can't be honoured: take a new snapshot. The stream continues from `seq`. */
export interface ResetEvent {
  type: 'reset'
  reason: ResetReason
  seq: number
}

/** A change in a room's log, the same for every member. It carries the changed row's whole new state. */
export type RoomLogEvent<M extends object = Meta> = MessageEvent<M> | MemberEvent | RoomChangedEvent

/** The result of a read of the log: its changes, and a `ready` if it ends beyond the last of them. */
export type LogEvent<M extends object = Meta> = RoomLogEvent<M> | ReadyEvent

/** The events of `room.onEvent`, each tracked by its position, and of `room.changes`. */
export type RoomEvent<M extends object = Meta> = LogEvent<M> | HiddenEvent | ResetEvent

/** The answer of `room.changes`: the events of `room.onEvent`, on request. */
export interface RoomChanges<M extends object = Meta> {
  events: RoomEvent<M>[]
  /** The position from which the next call continues. */
  position: string
  more: boolean
}

/**
 * The answer of `room.sync` for one room: its changes as in `room.changes`, or that the position can't be honoured and a
 * snapshot is needed, or that the caller has no right to the room.
 */
export type RoomSync = RoomChanges | { reset: ResetReason } | { refused: 'NOT_FOUND' | 'NOT_A_MEMBER' }
