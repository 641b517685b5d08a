import { callTRPCProcedure, TRPCError } from '@trpc/server'
import type { TRPCClientOutgoingMessage } from '@trpc/server/rpc'
import type { Answers, Call } from './answers.ts'
import type { ConnectionLimit } from './connection-bounds.ts'
import type { HandlerCore } from './handler-core.ts'
import type { TransportCounts } from './handler-options.ts'
import {
  type Incoming,
  type IncomingFrame,
  isRefusal,
  openFrame,
  type RefusedBatch,
  type RefusedFrame,
  type Unread,
} from './incoming-calls.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import { isStream, Subscription, type SubscriptionHost } from './subscription.ts'
import type { AnsweredPeer } from './waiting-answers.ts'
import type { WireFormat } from './wire-format.ts'

/** What calls need of their connection. */
export interface Caller extends AnsweredPeer {
  readonly isOpen: boolean
  /** Resolves with the context of all calls. @throws TRPCError that refused the connection */
  context(): Promise<unknown>
}

/** Carries out what one connection asks for, within its bounds. What is too much is answered, call by call. */
export class CallDesk implements SubscriptionHost {
  readonly queue: OutgoingQueue
  readonly answers: Answers
  readonly counts: TransportCounts
  readonly #core: HandlerCore
  readonly #caller: Caller
  readonly #subscriptions = new Map<Call['id'], Subscription>()
  #callsInFlight = 0
  /** Aborts when the connection closes. There is one while calls are under way. */
  #closing: AbortController | undefined

  constructor(
    core: HandlerCore,
    { queue, answers, caller }: { queue: OutgoingQueue; answers: Answers; caller: Caller },
  ) {
    this.#core = core
    this.queue = queue
    this.answers = answers
    this.counts = core.counts
    this.#caller = caller
  }

  get isOpen(): boolean {
    return this.#caller.isOpen
  }

  get format(): WireFormat {
    return this.#core.format
  }

  /** A frame with one message, or with a batch, as messages to be taken one by one. */
  open(frame: IncomingFrame): Unread | RefusedBatch | RefusedFrame {
    const { maxCallBytes, maxCallValues, maxCallDepth, maxBatchSize } = this.#core.options
    const overLimit = (limit: ConnectionLimit) => this.#core.overLimit(limit)
    return openFrame(frame, this.format, { maxCallBytes, maxCallValues, maxCallDepth, maxBatchSize, overLimit })
  }

  /** Carries out one message, or refuses it. */
  take(incoming: Incoming, batchIndex: number): void {
    if (isRefusal(incoming)) return this.answers.refuseMessage(incoming.id, incoming.jsonrpc, incoming.error)
    const { id } = incoming
    if (id === null) return this.#refuseNameless(incoming)
    if (incoming.method === 'subscription.stop') return this.#subscriptions.get(id)?.stop()
    const { path, input, lastEventId } = incoming.params
    const { method: type, jsonrpc } = incoming
    const call = { id, jsonrpc, type, path, input: withLastEventId(input, lastEventId), batchIndex }
    if (type === 'subscription') this.#subscribe(call)
    else if (this.#callsInFlight < (this.#core.options.maxCalls ?? Infinity)) void this.#answer(call)
    else this.answers.refuse(call, this.#core.overLimit('calls'))
  }

  /** Runs a procedure; undefined where a subscription is over before it begins. @throws what the procedure throws */
  async invoke(call: Call, signal: AbortSignal): Promise<unknown> {
    const ctx = await this.#caller.context()
    const { type, path, input, batchIndex } = call
    if (type === 'subscription' && (signal.aborted || !this.isOpen)) return undefined
    const { router } = this.#core
    return callTRPCProcedure({ router, path, getRawInput: async () => input, ctx, type, signal, batchIndex })
  }

  release(id: Call['id'], subscription: Subscription): void {
    if (this.#subscriptions.get(id) === subscription) this.#subscriptions.delete(id)
  }

  /** Ends every subscription, and tells the calls that nobody waits for them. */
  close(): void {
    for (const subscription of this.#subscriptions.values()) subscription.stop()
    this.#subscriptions.clear()
    this.#closing?.abort()
  }

  #subscribe(call: Call): void {
    const { id } = call
    if (this.#subscriptions.has(id)) {
      return this.answers.respondWithError(call, new TRPCError({ code: 'BAD_REQUEST', message: `Duplicate id ${id}` }))
    }
    if (this.#subscriptions.size >= (this.#core.options.maxSubscriptions ?? Infinity)) {
      return this.answers.refuse(call, this.#core.overLimit('subscriptions'))
    }
    const subscription = new Subscription(this, call)
    this.#subscriptions.set(id, subscription)
    void subscription.run()
  }

  async #answer(call: Call): Promise<void> {
    this.#callsInFlight++
    const { signal } = (this.#closing ??= new AbortController())
    try {
      const data = await this.invoke(call, signal)
      if (isStream(data)) throw unsupportedStream(call)
      if (!this.isOpen) return
      // What waits is text, of which it is known how much it is.
      const answer = this.answers.encodeData(call, data)
      const drained = this.queue.drained()
      if (drained) await this.#core.waitingAnswers.hold(this.#caller, answer.bytes.length, drained)
      this.answers.sendAnswer(answer)
    } catch (cause) {
      this.answers.respondWithError(call, cause)
    } finally {
      if (--this.#callsInFlight === 0) this.#closing = undefined
    }
  }

  #refuseNameless({ jsonrpc }: TRPCClientOutgoingMessage): void {
    const error = new TRPCError({ code: 'PARSE_ERROR', message: '`id` is required' })
    this.answers.report(error)
    this.answers.refuseMessage(null, jsonrpc, error)
  }
}

/** The position of a subscription that resumes is part of its input, where that can hold it. */
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
