import type { inferRouterInputs } from '@trpc/server'
import type { AppRouter } from '../../shared/index.ts'
import type { ChatFailure } from '../store/chat-failure.ts'

type SendInput = inferRouterInputs<AppRouter>['message']['send']

/** The input of `message.send` without the room and the `clientId`. */
export type OutgoingMessage = Omit<SendInput, 'roomId' | 'clientId'>

/** An unsent message, as a storage keeps it. */
export interface KeptMessage {
  clientId: string
  roomId: string
  message: OutgoingMessage
  /** When it was written, in milliseconds since 1970. Unique within an outbox; a room's messages leave in this order. */
  writtenAt: number
  /** Why the outbox gave it up; null while it is still to be sent. */
  failure: ChatFailure | null
}

/**
 * waiting -> sending -> sent -> removed, once the room's own log shows the message. sending -> waiting, if a later attempt may
 * succeed. sending -> failed, if none would. `retry` leads from failed back to waiting with the same clientId, by which the
 * server recognizes a message that it already has.
 */
export interface OutboxEntry extends KeptMessage {
  phase: 'waiting' | 'sending' | 'sent' | 'failed'
  /** In `sent`: the message's position in the room's order. Otherwise 0. */
  seq: number
  /** In `waiting`, if the server named a time: when the next attempt starts, in milliseconds since 1970. Otherwise 0. */
  heldUntil: number
}
