import { callTRPCProcedure, TRPCError } from '@trpc/server'
import type { TRPCClientOutgoingMessage } from '@trpc/server/rpc'
import type { ConnectionContext } from './connection-context.ts'
import { type IncomingMessage, isRefused } from './frame-reader.ts'
import type { HandlerCore, TransportCounts } from './handler-core.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import type { SlowPeer } from './pending-responses.ts'
import type { Call, ResponseWriter } from './response-writer.ts'
import { isStream } from './stream-delivery.ts'
import { Subscription, type SubscriptionHost } from './subscription.ts'
import type { WireFormat } from './wire-format.ts'

interface CallDispatcherOptions {
  connection: SlowPeer & { readonly isOpen: boolean }
  context: Pick<ConnectionContext, 'get'>
  outgoing: OutgoingQueue
  responses: ResponseWriter
}

/** Carries out the calls of one connection, within its bounds. A call above a bound is answered with an error. */
export class CallDispatcher implements SubscriptionHost {
  readonly outgoing: OutgoingQueue
  readonly responses: ResponseWriter
  readonly counts: TransportCounts
  readonly #core: HandlerCore
  readonly #connection: CallDispatcherOptions['connection']
  readonly #context: CallDispatcherOptions['context']
  /** By id, at most `maxSubscriptions`. */
  readonly #subscriptions = new Map<Call['id'], Subscription>()
  #callsInFlight = 0
  /** Aborts when the connection closes. There is one while calls are in flight. */
  #closing: AbortController | undefined

  constructor(core: HandlerCore, { connection, context, outgoing, responses }: CallDispatcherOptions) {
    this.#core = core
    this.outgoing = outgoing
    this.responses = responses
    this.counts = core.counts
    this.#connection = connection
    this.#context = context
  }

  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  get format(): WireFormat {
    return this.#core.format
  }

  /** Carries out one message, or refuses it. */
  dispatch(message: IncomingMessage, batchIndex: number): void {
    if (isRefused(message)) return this.responses.refuseMessage(message.id, message.jsonrpc, message.error)
    const { id } = message
    if (id === null) return this.#refuseNameless(message)
    if (message.method === 'subscription.stop') return this.#subscriptions.get(id)?.stop()
    const { path, input, lastEventId } = message.params
    const { method: type, jsonrpc } = message
    const call = { id, jsonrpc, type, path, input: withLastEventId(input, lastEventId), batchIndex }
    if (type === 'subscription') this.#subscribe(call)
    else if (this.#callsInFlight < (this.#core.options.maxCalls ?? Infinity)) void this.#answer(call)
    else this.responses.refuse(call, this.#core.overLimit('calls'))
  }

  /**
   * Runs a procedure, after the other messages of its frame are dispatched: of a subscription that one of them stops, the
   * procedure does not run, and the result is undefined. @throws what the procedure throws
   */
  async invoke({ type, path, input, batchIndex }: Call, signal: AbortSignal): Promise<unknown> {
    const ctx = await this.#context.get()
    if (type === 'subscription' && (signal.aborted || !this.isOpen)) return undefined
    const { router } = this.#core
    return callTRPCProcedure({ router, path, getRawInput: async () => input, ctx, type, signal, batchIndex })
  }

  release(id: Call['id'], subscription: Subscription): void {
    if (this.#subscriptions.get(id) === subscription) this.#subscriptions.delete(id)
  }

  /** Stops every subscription, and tells the calls that nobody waits for them. */
  close(): void {
    for (const subscription of this.#subscriptions.values()) subscription.stop()
    this.#subscriptions.clear()
    this.#closing?.abort()
  }

  #subscribe(call: Call): void {
    const { id } = call
    if (this.#subscriptions.has(id)) {
      const message = `Duplicate id ${id}`
      return this.responses.respondWithError(call, new TRPCError({ code: 'BAD_REQUEST', message }))
    }
    if (this.#subscriptions.size >= (this.#core.options.maxSubscriptions ?? Infinity)) {
      return this.responses.refuse(call, this.#core.overLimit('subscriptions'))
    }
    const subscription = new Subscription(this, call)
    this.#subscriptions.set(id, subscription)
    void subscription.run()
  }

  /** Never rejects. */
  async #answer(call: Call): Promise<void> {
    this.#callsInFlight++
    const { signal } = (this.#closing ??= new AbortController())
    try {
      const data = await this.invoke(call, signal)
      if (isStream(data)) throw unsupportedStream(call)
      if (!this.isOpen) return
      // Responses wait as text, so that their size is known.
      const { type, bytes } = this.responses.encodeData(call, data)
      const drained = this.outgoing.drained()
      if (drained) await this.#core.pendingResponses.hold(this.#connection, bytes.length, drained)
      this.outgoing.sendResponse(type, bytes)
    } catch (cause) {
      this.responses.respondWithError(call, cause)
    } finally {
      if (--this.#callsInFlight === 0) this.#closing = undefined
    }
  }

  #refuseNameless({ jsonrpc }: TRPCClientOutgoingMessage): void {
    const error = new TRPCError({ code: 'PARSE_ERROR', message: '`id` is required' })
    this.responses.report(error)
    this.responses.refuseMessage(null, jsonrpc, error)
  }
}

/** Makes the position of a subscription that resumes part of its input, where the input can hold it. */
function withLastEventId(input: unknown, lastEventId: string | undefined): unknown {
  if (lastEventId === undefined) return input
  if (input === undefined || input === null) return { lastEventId }
  return typeof input === 'object' && !Array.isArray(input) ? { ...input, lastEventId } : input
}

const unsupportedStream = ({ type }: Call) =>
  new TRPCError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: `Cannot return an async iterable or observable from a ${type} procedure with WebSockets`,
  })
