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

/** Where the stream stands; always the first event, and the last one of a catch-up whose end this member may not see. */
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
/** The position can't be honoured: take a new snapshot; the stream goes on from `seq`. */
export interface ResetEvent {
  type: 'reset'
  reason: ResetReason
  seq: number
}

/** A change of a room's log, the same for every member. It carries the changed row's whole new state. */
export type RoomLogEvent<M extends object = Meta> = MessageEvent<M> | MemberEvent | RoomChangedEvent

/** What a read of the log gives: its changes, and a `ready` where it ends beyond the last of them. */
export type LogEvent<M extends object = Meta> = RoomLogEvent<M> | ReadyEvent

/** What `room.onEvent` yields, each tracked by its position, and `room.changes` lists. */
export type RoomEvent<M extends object = Meta> = LogEvent<M> | HiddenEvent | ResetEvent

/** What `room.changes` gives: the events of `room.onEvent`, by request. */
export interface RoomChanges<M extends object = Meta> {
  events: RoomEvent<M>[]
  /** Where the next call goes on. */
  position: string
  more: boolean
}

/**
 * What `room.sync` says of one room: its changes as `room.changes` gives them, or that the position can't be honoured and a snapshot
 * is to be taken, or that the caller has no right to the room.
 */
export type RoomSync = RoomChanges | { reset: ResetReason } | { refused: 'NOT_FOUND' | 'NOT_A_MEMBER' }
