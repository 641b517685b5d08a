import type { Message, RoomEvent, RoomState } from '../../shared/index.ts'

/** What a client asked for, and what it was answered: the promise that the checker holds the server to. */
export interface JournaledSend {
  clientId: string
  content: string
  /** The answers; several where it was asked for over two connections at once, none where none ever came. */
  acknowledged: Pick<Message, 'id' | 'seq' | 'content'>[]
  /** By `performance.now()`. */
  askedAt: number
  answeredAt?: number
  /** How often it was asked for until there was an answer. */
  tries: number
}

/** Everything that one client did and saw. */
export interface Journal {
  tenant: string
  roomId: string
  user: string
  sends: JournaledSend[]
  /** From where on it followed the room. */
  startedAt: number
  /** What its subscription gave, over all its connections, in order of arrival. */
  events: RoomEvent[]
  /** When each of them came. */
  arrivedAt: number[]
  /** From the loss of a connection to the first event after it. */
  outages: { from: number; to: number }[]
  /** The events folded into the snapshot that it began with. */
  state: RoomState
  /** What a snapshot gave at the end. */
  fresh: RoomState
  /** What it should never have been told. */
  surprises: string[]
}

/** What somebody did who comes and goes: nobody can follow a room all the time who is not always in it. */
export type GuestJournal = Pick<Journal, 'tenant' | 'roomId' | 'user' | 'sends' | 'surprises'>

/** The room's messages as the database has them at the end. */
export interface StoredMessage {
  id: string
  seq: number
  changedSeq: number
  ordinal: number | null
  senderId: string
  clientId: string
  content: string
  isDeleted: boolean
}

/** What took a place of the room's log. */
export interface StoredChange {
  seq: number
  what: 'message' | 'member' | 'room'
  /** Of the message, or of the member's user. */
  id: string | null
  /** Of a member: whether the user is in the room from here on. */
  isIn: boolean | null
}

export interface StoredRoom {
  lastSeq: number
  messages: StoredMessage[]
  /** Every change, in order. */
  log: StoredChange[]
}
