import type { MyRoom, Room } from './room.ts'

/** What an inbox counts in one room. Unread is arithmetic: ordinals above the marker, less what was deleted or is one's own. */
export interface InboxRoom {
  roomId: string
  unread: number
  mentions: number
  /** Where the room's log stood for these counts: an event up to here is in them. */
  lastSeq: number
  lastOrdinal: number
  readSeq: number
  readOrdinal: number
}

export interface Inbox {
  rooms: InboxRoom[]
  unread: number
  mentions: number
}

/** A new message, the same for every member of its room. */
export interface InboxMessage {
  type: 'message'
  roomId: string
  messageId: string
  seq: number
  ordinal: number
  senderId: string
  senderName: string
  /** The first 140 characters. */
  preview: string
  mentions: string[]
  at: Date
  /** Sent in the sender's name by the host application: it leaves the sender's read marker where it is. */
  isOnBehalf: boolean
}

/** What `inbox.onEvent` yields. The first is `inbox.snapshot`; another one replaces all before it. */
export type InboxEvent =
  | ({ type: 'inbox.snapshot' } & Inbox)
  | { type: 'room.added'; room: MyRoom }
  | { type: 'room.removed'; roomId: string }
  | { type: 'room.updated'; room: Room }
  | InboxMessage
  | { type: 'message.updated'; roomId: string; messageId: string; seq: number; ordinal: number; preview: string }
  | { type: 'message.deleted'; roomId: string; messageId: string; seq: number; ordinal: number; senderId: string }
  | ({ type: 'viewer' } & InboxRoom)
