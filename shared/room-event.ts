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
export interface MessageEvent extends LogInterval {
  type: MessageEventType
  message: Message
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
export type RoomLogEvent = MessageEvent | MemberEvent | RoomChangedEvent

/** What a read of the log gives: its changes, and a `ready` where it ends beyond the last of them. */
export type LogEvent = RoomLogEvent | ReadyEvent

/** What `room.onEvent` yields, each tracked by its position, and `room.changes` lists. */
export type RoomEvent = LogEvent | HiddenEvent | ResetEvent

/** What `room.changes` gives: the events of `room.onEvent`, by request. */
export interface RoomChanges {
  events: RoomEvent[]
  /** Where the next call goes on. */
  position: string
  more: boolean
}
