import type { IncomingMessage } from 'node:http'
import { type AnyTRPCRouter, getErrorShape, getTRPCErrorFromUnknown, type TRPCErrorShape } from '@trpc/server'
import type { BaseHandlerOptions } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'

type OnError = NonNullable<BaseHandlerOptions<AnyTRPCRouter, IncomingMessage>['onError']>

/** An error and whose it is: what `onError` gets. */
export type FailedCall = Parameters<OnError>[0]

/** Who wants to know of errors, whatever its router's context. (A method, as its parameter may be narrower.) */
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

/** What the client gets when its error can't be formatted or encoded: nothing of what a formatter would have hidden. */
export const FALLBACK_SHAPE: TRPCErrorShape = {
  code: TRPC_ERROR_CODES_BY_KEY.INTERNAL_SERVER_ERROR,
  message: 'Internal server error',
  data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
}

/**
 * Tells `onError` and shapes errors for the client. Neither a listener nor a formatter that fails itself gets any further: they run
 * in event listeners and in promises that nobody awaits, where a throw would end the process.
 */
export class ErrorReporter {
  readonly #config: AnyTRPCRouter['_def']['_config']
  readonly #listener: ErrorListener

  constructor(router: AnyTRPCRouter, listener: ErrorListener) {
    this.#config = router._def._config
    this.#listener = listener
  }

  /** The error of a call. A listener that fails is ignored. */
  report(failed: FailedCall): void {
    this.#tell(failed, () => undefined)
  }

  /** An error in handling another: a formatter that throws, an answer that can't be sent. Never dropped silently. */
  reportInternal(failed: FailedCall): void {
    const warn = () => process.emitWarning(failed.error.stack ?? failed.error.message, 'TRPCTransportWarning')
    if (this.#listener.onError) this.#tell(failed, warn)
    else warn()
  }

  /** What the client is told. */
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
