import type { IncomingMessage } from 'node:http'
import type { AnyTRPCRouter, inferRouterContext, TRPCError } from '@trpc/server'
import type { AdmittedBounds, ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import type { ConnectionParams } from './connection-context.ts'
import type { KeyedCount } from './keyed-count.ts'
import type { Rate } from './token-bucket.ts'
import type { UpgradeRefusal, UpgradeRules } from './upgrade-guard.ts'

/** What a connection gets when it is admitted. */
export interface Admission<TContext> {
  /** The context of its calls. */
  context: TContext
  /** Aborts when the connection must end; the reason is the TRPCError that the client is told. */
  signal: AbortSignal
  /** Called when the connection is gone, whichever side ended it. */
  release(): void
  /** Bounds of this connection that replace the transport's. */
  limits?: AdmittedBounds
}

/** A connection that is gone. */
export interface ClosedConnection<TContext> {
  id: string
  req: IncomingMessage
  /** The close code: this side's if it ended the connection, else the peer's, or 1005 or 1006 if there was none. */
  code: number
  /** Why this side ended it. */
  error: TRPCError | undefined
  lastedMs: number
  /** Undefined if it was never admitted. */
  context: TContext | undefined
}

/** Hears of connections. Its methods must not throw. */
export interface ConnectionListener<TContext> {
  onOpen?(opened: { id: string; req: IncomingMessage }): void
  onClose?(closed: ClosedConnection<TContext>): void
  /** Called when a request was not upgraded, but answered in HTTP. */
  onUpgradeRefused?(req: IncomingMessage, refusal: UpgradeRefusal): void
}

/** Bounds of each connection, and of their number. A bound that is left out does not limit. */
export interface TransportLimits extends ConnectionBounds {
  /** Calls in one message. */
  maxBatchSize?: number
  maxConnectionsPerUser?: number
  /**
   * Calls of one user over all connections, whatever becomes of them. Above it none of these connections is read for a moment.
   */
  userCallRate?: Rate
  maxConnectionsPerAddress?: number
}

export interface WebSocketTransportOptions<TRouter extends AnyTRPCRouter> extends UpgradeRules {
  router: TRouter
  /** Decides about a new connection from its first message. @throws TRPCError to refuse it */
  admit(req: IncomingMessage, params: ConnectionParams, id: string): Promise<Admission<inferRouterContext<TRouter>>>
  listener?: ConnectionListener<inferRouterContext<TRouter>>
  limits: TransportLimits
  /** The error for a peer that exceeds a limit. */
  overLimit(limit: ConnectionLimit): TRPCError
  /** The close code for an error that ends a connection, and for the limit if that was the reason. */
  closeCodeOf(error: TRPCError, limit: ConnectionLimit | undefined): number
  /** The user that `maxConnectionsPerUser` and `userCallRate` count by; null for none. */
  userOf?(context: inferRouterContext<TRouter>): string | null
  /** Counts each user's connections, together with those that are not WebSockets. Without it WebSockets are counted alone. */
  connectionsOfUser?: KeyedCount
  /** The address that `maxConnectionsPerAddress` counts by. Without it that is the peer's, which is a proxy's if there is one. */
  addressOf?(req: IncomingMessage): string | undefined
  /** Counts each address's connections in the same way. */
  connectionsOfAddress?: KeyedCount
  /** The error for a connection that has not said in time who connects. */
  lateError: () => TRPCError
  /** The error for every connection when the server stops. */
  stopError: () => TRPCError
  /** From the upgrade to the admission. */
  authDeadlineMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  onError(error: unknown): void
}
