import type { DefaultEventsMap, Server } from 'socket.io'

/** A message as the Socket.IO peers send it: their row. */
export interface MessageRow {
  id: string
  room_id: string
  sender_id: string
  content: string
  created_at: Date
}

export interface SendInput {
  roomId: string
  content: string
}

export interface JoinInput {
  roomId: string
  /** The last message that was seen, by a client that comes back. */
  after?: string
}

export type SentAck = { id: string } | { error: string }
export interface JoinedAck {
  error?: string
  /** What was missed. */
  messages?: MessageRow[]
}

interface ClientEvents {
  join: (input: JoinInput, answer: (ack: JoinedAck) => void) => void
  send: (input: SendInput, answer: (ack: SentAck) => void) => void
}

interface ServerEvents {
  message: (message: MessageRow) => void
  event: (event: object) => void
}

export type ChatServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, { userId: string }>
