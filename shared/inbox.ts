import type { Meta } from './json.ts'
import type { MyRoom, Room, RoomSettings } from './room.ts'
import type { ThreadCounts } from './thread.ts'

/** What an inbox counts in one room. Unread is arithmetic: ordinals above the marker, less what was deleted or is one's own. */
export interface InboxRoom {
  roomId: string
  unread: number
  mentions: number
  /** Where the room's log stood for these counts: an event up to here is in them. */
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
  /** The sums over the rooms. What is said in threads is not among them. */
  unread: number
  mentions: number
  /** Of all threads that are followed. */
  threads: ThreadCounts
}

/** Who said something, to be counted: a message without its text. */
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
  /** What was said just before, where a room is too busy for an event each: oldest first. This message is the latest. */
  earlier?: InboxMark[]
}

/** The viewer has hidden a message, or shows it again. */
export interface HiddenChange {
  messageId: string
  isHidden: boolean
}

/** The room as it is for the viewer now: a marker moved, a setting changed, messages were hidden or shown again (in that order). */
export interface ViewerEvent extends InboxRoom {
  type: 'viewer'
  /** A message that comes later brings a hidden room back. */
  settings: RoomSettings
  hidden?: HiddenChange[]
}

/** What is unread in followed threads, anew. */
export interface ThreadsEvent extends ThreadCounts {
  type: 'threads'
}

/** The whole inbox anew. */
export interface InboxSnapshotEvent extends Inbox {
  type: 'inbox.snapshot'
}

/**
 * What `inbox.onEvent` yields. The first is `inbox.snapshot`, with an entry for each of the viewer's rooms; another one replaces all
 * before it. An inbox follows live the 1,000 rooms where something happened last. The others are looked at every five seconds, and one
 * where something has happened comes in a `room.added`: for a room that is there already, that is the room as it is now.
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
