import { getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server'
import type { TRPCResponseMessage } from '@trpc/server/rpc'
import { FALLBACK_SHAPE, type FailedCall, ofNoCall } from './error-reporter.ts'
import type { HandlerCore } from './handler-core.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import type { CallId, EncodedMessage } from './wire-format.ts'

/** A call that runs: whose answer, and what was asked. */
export interface Call extends CallId {
  type: 'query' | 'mutation' | 'subscription'
  path: string
  input: unknown
  batchIndex: number
}

/** On whose behalf errors are reported and shaped. */
export type CallerOfErrors = Pick<FailedCall, 'ctx' | 'req'>

/** Says things to one peer, errors above all, of which none is lost because it can't be formatted or serialized. */
export class Answers {
  readonly #core: HandlerCore
  readonly #queue: OutgoingQueue
  readonly #caller: CallerOfErrors

  constructor(core: HandlerCore, queue: OutgoingQueue, caller: CallerOfErrors) {
    this.#core = core
    this.#queue = queue
    this.#caller = caller
  }

  /** @throws where it can't be serialized */
  respond(response: TRPCResponseMessage): void {
    const { type, bytes } = this.#core.format.encode(response)
    this.#queue.send(type, '', bytes)
  }

  /** What a query or mutation gave, as it is sent by `sendAnswer` once the queue has room. @throws where it can't be serialized */
  encodeData({ id, jsonrpc }: CallId, data: unknown): EncodedMessage {
    return this.#core.format.encode({ id, jsonrpc, result: { type: 'data', data } })
  }

  sendAnswer({ type, bytes }: EncodedMessage): void {
    this.#queue.sendAnswer(type, bytes)
  }

  respondWithError(call: Call, cause: unknown): void {
    const failed = this.#failed(call, cause)
    this.#core.errors.report(failed)
    this.#sendError(call, failed)
  }

  /** As an error that nobody is told of but the peer: it is the peer's own. */
  refuse(call: Call, error: TRPCError): void {
    this.#sendError(call, this.#failed(call, error))
  }

  /** The same for a message that became no call. */
  refuseMessage(id: CallId['id'] | null, jsonrpc: CallId['jsonrpc'], error: TRPCError): void {
    this.#sendError({ id, jsonrpc }, this.#ofNoCall(error))
  }

  /** One error for many messages that became no calls; it is made and reported once. */
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

  /** An error of the connection itself. */
  report(cause: unknown): void {
    this.#core.errors.report(this.#ofNoCall(getTRPCErrorFromUnknown(cause)))
  }

  /** Why the connection ends, ahead of the close and in spite of a full queue. */
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
    const { ctx, req } = this.#caller
    return { error: getTRPCErrorFromUnknown(cause), type, path, input, ctx, req }
  }

  #ofNoCall(error: TRPCError): FailedCall {
    const { ctx, req } = this.#caller
    return ofNoCall({ error, ctx, req })
  }
}

interface Addressee {
  id: CallId['id'] | null
  jsonrpc: CallId['jsonrpc']
}
