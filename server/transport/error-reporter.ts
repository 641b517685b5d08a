import type { IncomingMessage } from 'node:http'
import { type AnyTRPCRouter, getErrorShape, getTRPCErrorFromUnknown, type TRPCErrorShape } from '@trpc/server'
import type { BaseHandlerOptions } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'

type OnError = NonNullable<BaseHandlerOptions<AnyTRPCRouter, IncomingMessage>['onError']>

/** An error with its call: what `onError` gets. */
export type FailedCall = Parameters<OnError>[0]

/** A listener for errors, whatever its router's context. (`onError` is a method because its parameter may be narrower.) */
export interface ErrorListener {
  onError?(failed: FailedCall): unknown
}

/** A failure that belongs to no call. */
export type ConnectionFailure = Pick<FailedCall, 'error' | 'ctx' | 'req'>

export const ofNoCall = ({ error, ctx, req }: ConnectionFailure): FailedCall => ({
  error,
  ctx,
  req,
  type: 'unknown',
  path: undefined,
  input: undefined,
})

/**
 * The error that a client gets when its own can't be formatted or encoded. It holds nothing that a formatter would have hidden.
 */
export const FALLBACK_SHAPE: TRPCErrorShape = {
  code: TRPC_ERROR_CODES_BY_KEY.INTERNAL_SERVER_ERROR,
  message: 'Internal server error',
  data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
}

/**
 * Tells `onError`, and shapes errors for the client. What a listener or a formatter throws is caught here: they run in event
 * listeners and in promises that nobody awaits, where a throw would end the process.
 */
export class ErrorReporter {
  readonly #config: AnyTRPCRouter['_def']['_config']
  readonly #listener: ErrorListener

  constructor(router: AnyTRPCRouter, listener: ErrorListener) {
    this.#config = router._def._config
    this.#listener = listener
  }

  /** Reports the error of a call. A listener that fails is ignored. */
  report(failed: FailedCall): void {
    this.#tell(failed, () => undefined)
  }

  /**
   * Reports an error in handling another: a formatter that throws, a response that can't be sent. It is never dropped silently.
   */
  reportInternal(failed: FailedCall): void {
    const warn = () => process.emitWarning(failed.error.stack ?? failed.error.message, 'TRPCTransportWarning')
    if (this.#listener.onError) this.#tell(failed, warn)
    else warn()
  }

  /** The error as the client is told. */
  shape(failed: FailedCall): TRPCErrorShape {
    try {
      return getErrorShape({ config: this.#config, ...failed })
    } catch (cause) {
      this.reportInternal({ ...failed, error: getTRPCErrorFromUnknown(cause) })
      return FALLBACK_SHAPE
    }
  }

  #tell(failed: FailedCall, onFailure: () => void): void {
    try {
      const told: unknown = this.#listener.onError?.(failed)
      if (told instanceof Promise) told.catch(onFailure)
    } catch {
      onFailure()
    }
  }
}
