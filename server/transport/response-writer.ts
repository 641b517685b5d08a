import { getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server'
import type { TRPCResponseMessage } from '@trpc/server/rpc'
import { FALLBACK_SHAPE, type FailedCall, ofNoCall } from './error-reporter.ts'
import type { HandlerCore } from './handler-core.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import type { CallId, EncodedMessage } from './wire-format.ts'

/** A call that runs: its id for the response, and what was asked. */
export interface Call extends CallId {
  type: 'query' | 'mutation' | 'subscription'
  path: string
  input: unknown
  batchIndex: number
}

/** The context and the request with which errors are reported and shaped. */
export type ErrorContext = Pick<FailedCall, 'ctx' | 'req'>

/** Writes responses and errors to one peer. No error is lost because it can't be formatted or serialized. */
export class ResponseWriter {
  readonly #core: HandlerCore
  readonly #queue: OutgoingQueue
  readonly #context: ErrorContext

  constructor(core: HandlerCore, queue: OutgoingQueue, context: ErrorContext) {
    this.#core = core
    this.#queue = queue
    this.#context = context
  }

  /** @throws if the response can't be serialized */
  respond(response: TRPCResponseMessage): void {
    const { type, bytes } = this.#core.format.encode(response)
    this.#queue.send(type, '', bytes)
  }

  /** Encodes the result of a query or mutation, to be sent once the queue has room. @throws if it can't be serialized */
  encodeData({ id, jsonrpc }: CallId, data: unknown): EncodedMessage {
    return this.#core.format.encode({ id, jsonrpc, result: { type: 'data', data } })
  }

  respondWithError(call: Call, cause: unknown): void {
    const failed = this.#failed(call, cause)
    this.#core.errors.report(failed)
    this.#sendError(call, failed)
  }

  /** Responds with an error that is the peer's own fault: `onError` is not told. */
  refuse(call: Call, error: TRPCError): void {
    this.#sendError(call, this.#failed(call, error))
  }

  /** Responds in the same way to a message that became no call. */
  refuseMessage(id: CallId['id'] | null, jsonrpc: CallId['jsonrpc'], error: TRPCError): void {
    this.#sendError({ id, jsonrpc }, this.#ofNoCall(error))
  }

  /** Responds with one error to many messages that became no calls; it is shaped and reported once. */
  refuseAll(calls: CallId[], error: TRPCError): void {
    const failed = this.#ofNoCall(error)
    this.#core.errors.report(failed)
    if (calls.length === 0) return this.#sendError({ id: null, jsonrpc: undefined }, failed)
    const { errors, format } = this.#core
    for (const { type, bytes } of format.encodeForAll(calls, errors.shape(failed))) this.#queue.send(type, '', bytes)
  }

  reportError(call: Call, cause: unknown): void {
    this.#core.errors.report(this.#failed(call, cause))
  }

  /** Reports an error of the connection itself. */
  report(cause: unknown): void {
    this.#core.errors.report(this.#ofNoCall(getTRPCErrorFromUnknown(cause)))
  }

  /** Says why the connection ends: ahead of the close, and in spite of a full queue. */
  sayLast(error: TRPCError): void {
    const { type, bytes } = this.#encodeError({ id: null, jsonrpc: undefined }, this.#ofNoCall(error))
    this.#queue.sendLast(type, bytes)
  }

  #sendError(to: Addressee, failed: FailedCall): void {
    const { type, bytes } = this.#encodeError(to, failed)
    this.#queue.send(type, '', bytes)
  }

  #encodeError({ id, jsonrpc }: Addressee, failed: FailedCall): EncodedMessage {
    const { errors, format } = this.#core
    try {
      return format.encode({ id, jsonrpc, error: errors.shape(failed) })
    } catch (cause) {
      errors.reportInternal({ ...failed, error: getTRPCErrorFromUnknown(cause) })
      return format.encode({ id, jsonrpc, error: FALLBACK_SHAPE })
    }
  }

  #failed({ type, path, input }: Call, cause: unknown): FailedCall {
    const { ctx, req } = this.#context
    return { error: getTRPCErrorFromUnknown(cause), type, path, input, ctx, req }
  }

  #ofNoCall(error: TRPCError): FailedCall {
    const { ctx, req } = this.#context
    return ofNoCall({ error, ctx, req })
  }
}

interface Addressee {
  id: CallId['id'] | null
  jsonrpc: CallId['jsonrpc']
}
