import type { AnyTRPCRouter, TRPCError } from '@trpc/server'
import type { CreateWSSContextFnOptions, WSSHandlerOptions as StockOptions } from '@trpc/server/adapters/ws'
import {
  type BoundPolicy,
  type ConnectionBounds,
  type ConnectionLimit,
  closeCodeByDefault,
  overLimitByDefault,
} from './connection-bounds.ts'
import { ErrorReporter } from './error-reporter.ts'
import type { KeepAliveOptions } from './keep-alive.ts'
import { FlushScheduler } from './outgoing-queue.ts'
import { PendingResponses } from './pending-responses.ts'
import { TurnBudget } from './turn-budget.ts'
import { WireFormat } from './wire-format.ts'

/** What all connections of a handler have done, in plain numbers. */
export interface TransportCounts {
  /** Events of subscriptions that were sent; an event counts once for each subscriber. */
  deliveries: number
}

/** The options of the stock handler, and bounds. */
export type WSSHandlerOptions<TRouter extends AnyTRPCRouter> = StockOptions<TRouter> &
  ConnectionBounds &
  BoundPolicy & {
    keepAlive?: KeepAliveOptions
    /** The handler counts up in this object. */
    counts?: TransportCounts
  }

/** What all connections of one handler share, whatever its router. */
export interface HandlerCore {
  readonly router: AnyTRPCRouter
  readonly options: Omit<WSSHandlerOptions<AnyTRPCRouter>, 'wss' | 'router' | 'createContext' | 'onError'>
  readonly format: WireFormat
  readonly errors: ErrorReporter
  readonly flushes: FlushScheduler
  readonly budget: TurnBudget
  readonly pendingResponses: PendingResponses
  readonly counts: TransportCounts
  createContext(options: CreateWSSContextFnOptions): unknown
  overLimit(limit: ConnectionLimit): TRPCError
  closeCodeOf(error: TRPCError, limit: ConnectionLimit | undefined): number | undefined
}

/** The same for one connection, which may replace its bounds. */
export type ConnectionCore = Omit<HandlerCore, 'options'> & { options: HandlerCore['options'] }

export const createHandlerCore = <TRouter extends AnyTRPCRouter>(options: WSSHandlerOptions<TRouter>): HandlerCore => ({
  router: options.router,
  options,
  format: new WireFormat(options.router, options.experimental_encoder),
  errors: new ErrorReporter(options.router, options),
  flushes: new FlushScheduler(),
  budget: new TurnBudget(),
  pendingResponses: new PendingResponses(options.maxPendingResponseBytes),
  counts: options.counts ?? { deliveries: 0 },
  createContext: (about) => options.createContext?.(about),
  overLimit: (limit) => options.overLimit?.(limit) ?? overLimitByDefault(limit),
  closeCodeOf: (error, limit) => options.closeCodeOf?.(error, limit) ?? closeCodeByDefault(limit),
})
