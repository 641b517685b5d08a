import type { inferRouterInputs } from '@trpc/server'
import type { AppRouter } from '../../shared/index.ts'
import type { ChatFailure } from '../store/chat-failure.ts'

type SendInput = inferRouterInputs<AppRouter>['message']['send']

/** What `message.send` takes, but for the room and the `clientId`: the content, and whatever comes with it. */
export type OutgoingMessage = Omit<SendInput, 'roomId' | 'clientId'>

/** A message that is to be sent, as a storage keeps it. */
export interface KeptMessage {
  clientId: string
  roomId: string
  message: OutgoingMessage
  /** When it was written, in milliseconds since 1970; no two of one outbox are equal, and a room's messages leave in this order. */
  writtenAt: number
  /** Why it was given up; null while it is to be sent. */
  failure: ChatFailure | null
}

/**
 * waiting -> sending -> sent -> gone from here, once the room's own log shows the message. sending -> waiting, where a later attempt may
 * succeed. sending -> failed, where none would; from there `retry` leads back to waiting, under the same clientId, by which the
 * server knows a message that it already has.
 */
export interface OutboxEntry extends KeptMessage {
  phase: 'waiting' | 'sending' | 'sent' | 'failed'
  /** With `sent`: where the message stands in the room's order; else 0. */
  seq: number
  /** With `waiting`: when it leaves again, where the server has named a time; else 0. In milliseconds since 1970. */
  heldUntil: number
}
