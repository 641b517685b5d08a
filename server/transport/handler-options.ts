import type { AnyTRPCRouter } from '@trpc/server'
import type { WSSHandlerOptions as StockOptions } from '@trpc/server/adapters/ws'
import type { BoundPolicy, ConnectionBounds } from './connection-bounds.ts'

export interface KeepAliveOptions {
  /** Default false. */
  enabled: boolean
  /** Milliseconds of silence before a ping; default 30,000. */
  pingMs?: number
  /** Milliseconds to wait for a sign of life after it; default 5,000. */
  pongWaitMs?: number
  /**
   * The ping: a message that the tRPC client answers (`message`, the default), or a control frame (`control`), which every WebSocket
   * answers by itself, also where the page's own code is asleep.
   */
  ping?: 'message' | 'control'
}

/** What all connections of a handler have done, in plain numbers. */
export interface TransportCounts {
  /** Events of subscriptions that were sent, one for each subscriber. */
  deliveries: number
}

/** The options of tRPC's own handler, and bounds. */
export type WSSHandlerOptions<TRouter extends AnyTRPCRouter> = StockOptions<TRouter> &
  ConnectionBounds &
  BoundPolicy & {
    keepAlive?: KeepAliveOptions
    /** Counted up. */
    counts?: TransportCounts
  }
