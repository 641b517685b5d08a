import { TRPCError } from '@trpc/server'
import type { Rate } from './token-bucket.ts'

/** What a peer can have too much of. */
export type ConnectionLimit =
  | 'frameBytes'
  | 'callBytes'
  | 'callValues'
  | 'batchSize'
  | 'calls'
  | 'subscriptions'
  | 'queuedBytes'
  | 'connectionsPerUser'
  | 'connectionsPerAddress'

/** Bounds of one connection. What is left out is not limited. Sizes in bytes. */
export interface ConnectionBounds {
  /** Bytes of one frame. Beyond it: an error, then the close. Keep the `maxPayload` of the `ws` server above it. */
  maxFrameBytes?: number
  /** Bytes of one call. Beyond it: an error in its place. */
  maxCallBytes?: number
  /** Values in one call, counted before it is parsed. Beyond it: an error in its place. */
  maxCallValues?: number
  /** Arrays and objects within each other in one call. Beyond it: an error in its place. */
  maxCallDepth?: number
  /** Queries and mutations at a time. Beyond it: an error in its place. */
  maxCalls?: number
  /** Subscriptions at a time. Beyond it: an error in its place. */
  maxSubscriptions?: number
  /** Bytes queued for the peer from which on replays, generators and answers wait. */
  highWaterBytes?: number
  /** Bytes queued for the peer beyond which a live event is dropped: an error, then the close. */
  maxQueuedBytes?: number
  /** Milliseconds in which the peer must read some of what is queued for it. Beyond it: an error, then the close. */
  maxStallMs?: number
  /** Bytes of answers that wait for their readers, over all connections. Beyond it: an error and the close for whom most waits. */
  maxWaitingAnswerBytes?: number
  /**
   * Frames, PING and control frames included; each started 16 KiB counts as one. Beyond it the connection is not read for a moment:
   * the surplus stays in the peer's own socket, and costs neither memory nor an answer here.
   */
  frameRate?: Rate
}

/** Bounds that can be others once it is known who it is. */
export interface AdmittedBounds extends Pick<ConnectionBounds, 'maxCalls' | 'maxSubscriptions' | 'frameRate'> {
  /** In place of the transport's own. */
  userCallRate?: Rate
  /** Calls in one message. */
  maxBatchSize?: number
}

/** What a peer is told that has too much of something. */
export interface BoundPolicy {
  overLimit?: (limit: ConnectionLimit) => TRPCError
  /** The code that a connection is closed with for an error, and for the limit if that was the reason. */
  closeCodeOf?: (error: TRPCError, limit: ConnectionLimit | undefined) => number | undefined
}

/** Bytes of a frame that one token pays for. */
export const TOKEN_BYTES = 16 << 10

/** Longer than this a connection is not left unread, however much came at once: its close would go unnoticed. */
export const MAX_PAUSE_MS = 5_000

/** Errors where the options make none. */
export function overLimitByDefault(limit: ConnectionLimit): TRPCError {
  switch (limit) {
    case 'frameBytes':
    case 'callBytes':
      return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: 'Unable to read the message; it is too large' })
    case 'callValues':
      return new TRPCError({ code: 'BAD_REQUEST', message: 'Unable to read the message; it holds too many values' })
    case 'batchSize':
      return new TRPCError({ code: 'BAD_REQUEST', message: 'Batch call exceeds maximum size' })
    case 'calls':
    case 'subscriptions':
      return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: `Unable to take the call; too many ${limit} at once` })
    case 'queuedBytes':
      return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Unable to go on; the connection is too slow' })
    case 'connectionsPerUser':
    case 'connectionsPerAddress':
      return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Unable to connect; too many connections' })
  }
}

/** Codes where the options name none (RFC 6455, section 7.4.1, and 1013 of its registry: try again later). */
export function closeCodeByDefault(limit: ConnectionLimit | undefined): number | undefined {
  if (limit === 'frameBytes' || limit === 'batchSize') return 1009
  return limit === undefined ? undefined : 1013
}
