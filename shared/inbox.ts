import type { Meta } from './json.ts'
import type { MyRoom, Room, RoomSettings } from './room.ts'
import type { ThreadCounts } from './thread.ts'

/**
 * The counts of one room in an inbox. Unread is arithmetic: ordinals above the marker, less deleted messages and the viewer's
 * own.
 */
export interface InboxRoom {
  roomId: string
  unread: number
  mentions: number
  /** The position of the room's log for these counts. They contain every event up to here. */
  lastSeq: number
  lastOrdinal: number
  /** The viewer's own marker, which `receipt.markUnread` moves back. */
  readSeq: number
  readOrdinal: number
  /** How often the viewer has marked messages as unread here. */
  unreadMarks: number
}

export interface Inbox {
  rooms: InboxRoom[]
  /** The sums over the rooms. Replies in threads are not included. */
  unread: number
  mentions: number
  /** Of all followed threads. */
  threads: ThreadCounts
}

/** The author and ordinal of a message without its text, for counting. */
export interface InboxMark {
  seq: number
  ordinal: number
  senderId: string
  mentions: string[]
  mentionsRoom: boolean
  /** Sent in the sender's name by the host application: it leaves the sender's read marker where it is. */
  isOnBehalf: boolean
}

/** A new message, the same for every member of its room. */
export interface InboxMessage extends InboxMark {
  type: 'message'
  roomId: string
  messageId: string
  senderName: string
  /** The first 140 characters. */
  preview: string
  at: Date
  /** Earlier messages of a room that is too busy for one event each, oldest first. This message is the latest. */
  earlier?: InboxMark[]
}

/** The viewer has hidden a message, or shows it again. */
export interface HiddenChange {
  messageId: string
  isHidden: boolean
}

/** The room as the viewer sees it now: a marker moved, a setting changed, or messages were hidden or shown again. */
export interface ViewerEvent extends InboxRoom {
  type: 'viewer'
  /** A later message brings a hidden room back. */
  settings: RoomSettings
  hidden?: HiddenChange[]
}

/** The current unread counts of followed threads. */
export interface ThreadsEvent extends ThreadCounts {
  type: 'threads'
}

/** The whole inbox. */
export interface InboxSnapshotEvent extends Inbox {
  type: 'inbox.snapshot'
}

/**
 * What `inbox.onEvent` yields. The first event is `inbox.snapshot`, with an entry for each of the viewer's rooms. Another
 * snapshot replaces everything before it. An inbox follows the 1,000 rooms with the latest activity live. It checks the others
 * every five seconds, and sends a `room.added` for each room with new activity. For a room that the client already has,
 * `room.added` carries the room's current state.
 */
export type InboxEvent<M extends object = Meta> =
  | InboxSnapshotEvent
  | { type: 'room.added'; room: MyRoom<M> }
  | { type: 'room.removed'; roomId: string }
  | { type: 'room.updated'; room: Room }
  | InboxMessage
  | { type: 'message.updated'; roomId: string; messageId: string; seq: number; ordinal: number; preview: string }
  | { type: 'message.deleted'; roomId: string; messageId: string; seq: number; ordinal: number; senderId: string }
  | ViewerEvent
  | ThreadsEvent
