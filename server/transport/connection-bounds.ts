import { TRPCError } from '@trpc/server'
import type { Rate } from './token-bucket.ts'

/** The limits that a peer can exceed. */
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

/** Bounds of one connection. A bound that is left out does not limit. Sizes are in bytes. */
export interface ConnectionBounds {
  /**
   * Bytes of one frame. A larger one ends the connection, with an error first. Keep the `maxPayload` of the `ws` server above it.
   */
  maxFrameBytes?: number
  /** Bytes of one call. A larger one is answered with an error. */
  maxCallBytes?: number
  /** Values in one call, counted before it is parsed. A call with more is answered with an error. */
  maxCallValues?: number
  /** Levels of arrays and objects in one call. A deeper one is answered with an error. */
  maxCallDepth?: number
  /** Queries and mutations in flight. One more is answered with an error. */
  maxCalls?: number
  /** Open subscriptions. One more is answered with an error. */
  maxSubscriptions?: number
  /** Bytes queued for the peer above which replays, generators and responses wait. */
  highWaterBytes?: number
  /** Bytes queued for the peer above which a live event is dropped. The connection ends, with an error first. */
  maxQueuedBytes?: number
  /**
   * Milliseconds in which the peer must read some of what is queued for it. Otherwise the connection ends, with an error first.
   */
  maxStallMs?: number
  /** Bytes of responses that wait for slow readers, over all connections. Above it the connection with the most of them ends. */
  maxPendingResponseBytes?: number
  /**
   * Frames, PING and control frames included; each started 16 KiB counts as one. Above this rate the connection is not read for a
   * moment: the surplus stays in the peer's own socket, and costs neither memory nor a response here.
   */
  frameRate?: Rate
}

/** The bounds that a connection can replace once its user is known. */
export interface AdmittedBounds extends Pick<ConnectionBounds, 'maxCalls' | 'maxSubscriptions' | 'frameRate'> {
  /** Replaces the transport's own rate. */
  userCallRate?: Rate
  /** Calls in one message. */
  maxBatchSize?: number
}

/** What a peer is told when it exceeds a limit. */
export interface BoundPolicy {
  overLimit?: (limit: ConnectionLimit) => TRPCError
  /** The close code for an error that ends a connection, and for the limit if that was the reason. */
  closeCodeOf?: (error: TRPCError, limit: ConnectionLimit | undefined) => number | undefined
}

/** The error for a limit where the options make none. */
export function overLimitByDefault(limit: ConnectionLimit): TRPCError {
  switch (limit) {
    case 'frameBytes':
    case 'callBytes':
      return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: 'Unable to read the message; send a smaller one' })
    case 'callValues':
      return new TRPCError({
        code: 'BAD_REQUEST',
        message: 'Unable to read the message; send fewer values and levels in one call',
      })
    case 'batchSize':
      // The stock adapter's own words.
      return new TRPCError({ code: 'BAD_REQUEST', message: 'Batch call exceeds maximum size' })
    case 'calls':
      return new TRPCError({
        code: 'TOO_MANY_REQUESTS',
        message: 'Unable to take the call; too many are in flight, wait for one to be answered',
      })
    case 'subscriptions':
      return new TRPCError({
        code: 'TOO_MANY_REQUESTS',
        message: 'Unable to take the subscription; too many are open, stop one first',
      })
    case 'queuedBytes':
      return new TRPCError({
        code: 'TOO_MANY_REQUESTS',
        message: 'Unable to keep up with this connection; it reads too slowly, connect again and resume',
      })
    case 'connectionsPerUser':
    case 'connectionsPerAddress':
      return new TRPCError({
        code: 'TOO_MANY_REQUESTS',
        message: 'Unable to connect; too many connections are open, close one first',
      })
  }
}

/**
 * The close code for a limit where the options name none (RFC 6455, section 7.4.1, and 1013 of its registry: try again later).
 */
export function closeCodeByDefault(limit: ConnectionLimit | undefined): number | undefined {
  if (limit === 'frameBytes' || limit === 'batchSize') return 1009
  return limit === undefined ? undefined : 1013
}
