import type { AnyTRPCRouter, TRPCError } from '@trpc/server'
import type { CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { type ConnectionLimit, closeCodeByDefault, overLimitByDefault } from './connection-bounds.ts'
import { ErrorReporter } from './error-reporter.ts'
import type { TransportCounts, WSSHandlerOptions } from './handler-options.ts'
import { TurnBudget } from './turn-budget.ts'
import { TurnFlusher } from './turn-flusher.ts'
import { WaitingAnswers } from './waiting-answers.ts'
import { WireFormat } from './wire-format.ts'

/** What all connections of one handler share, whatever its router. */
export interface HandlerCore {
  readonly router: AnyTRPCRouter
  readonly options: Omit<WSSHandlerOptions<AnyTRPCRouter>, 'wss' | 'router' | 'createContext' | 'onError'>
  readonly format: WireFormat
  readonly errors: ErrorReporter
  readonly flusher: TurnFlusher
  readonly budget: TurnBudget
  readonly waitingAnswers: WaitingAnswers
  readonly counts: TransportCounts
  createContext(options: CreateWSSContextFnOptions): unknown
  overLimit(limit: ConnectionLimit): TRPCError
  closeCodeOf(error: TRPCError, limit: ConnectionLimit | undefined): number | undefined
}

/** The same for one connection, which may get bounds of its own. */
export type ConnectionCore = Omit<HandlerCore, 'options'> & { options: HandlerCore['options'] }

export const createHandlerCore = <TRouter extends AnyTRPCRouter>(options: WSSHandlerOptions<TRouter>): HandlerCore => ({
  router: options.router,
  options,
  format: new WireFormat(options.router, options.experimental_encoder),
  errors: new ErrorReporter(options.router, options),
  flusher: new TurnFlusher(),
  budget: new TurnBudget(),
  waitingAnswers: new WaitingAnswers(options.maxWaitingAnswerBytes),
  counts: options.counts ?? { deliveries: 0 },
  createContext: (about) => options.createContext?.(about),
  overLimit: (limit) => options.overLimit?.(limit) ?? overLimitByDefault(limit),
  closeCodeOf: (error, limit) => options.closeCodeOf?.(error, limit) ?? closeCodeByDefault(limit),
})
