import { getTRPCErrorFromUnknown, isTrackedEnvelope, TRPCError } from '@trpc/server'
import { isObservable, type Observable, type Unsubscribable } from '@trpc/server/observable'
import type { Answers, Call } from './answers.ts'
import type { TransportCounts } from './handler-options.ts'
import { disposeIterator, IteratorPump } from './iterator-pump.ts'
import { isLiveStream, type LiveEvent, type LiveSink, type LiveStream } from './live-stream.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import { eventMessage, type WireFormat } from './wire-format.ts'

/** What a subscription needs of its connection. */
export interface SubscriptionHost {
  readonly isOpen: boolean
  readonly queue: OutgoingQueue
  readonly answers: Answers
  readonly format: WireFormat
  readonly counts: TransportCounts
  /** Runs the procedure; undefined where the signal aborted before it began. @throws what it throws */
  invoke(call: Call, signal: AbortSignal): Promise<unknown>
  /** Called before the peer is told that a subscription is over: from then on its id is free. */
  release(id: Call['id'], subscription: Subscription): void
}

/** How long a stopped generator may clean up before its id is free again all the same. */
const CLEANUP_MS = 1_000

/**
 * One subscription: `started`, its events, an error where there was one, and at the end `stopped`. It serves a live stream by
 * `attach`, with this object as the sink; an observable, which can't wait and so counts as live; and any other async iterable, which
 * waits for the connection. It ends by itself or by `stop`, and what it serves can't hold it up: a generator that ignores its signal is
 * asked to return and then left alone.
 */
export class Subscription implements LiveSink<unknown> {
  readonly #host: SubscriptionHost
  readonly #call: Call
  readonly #ending = new AbortController()
  #head: string | undefined
  /** Between `attach` and its end, whoever ends it. */
  #isLive = false
  #isFinished = false

  constructor(host: SubscriptionHost, call: Call) {
    this.#host = host
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  stop(): void {
    const wasLive = this.#isLive
    this.#isLive = false
    // `abort` makes an error with a stack, also where it changes nothing.
    if (!this.signal.aborted) this.#ending.abort()
    if (wasLive) this.#finish()
  }

  /** Begins it, and serves what is no live stream to its end. Never rejects. */
  async run(): Promise<void> {
    try {
      const stream = await this.#host.invoke(this.#call, this.signal)
      if (this.#isOver()) await this.#discard(stream)
      else if (isLiveStream(stream)) return this.#attach(stream)
      else if (isStream(stream)) await this.#serve(stream)
      else throw noStream(this.#call)
      this.#finish()
    } catch (cause) {
      if (isCancelled(cause, this.signal)) this.#finish()
      else this.#finish(cause)
    }
  }

  send(event: LiveEvent): boolean {
    if (!this.#isLive) return false
    const { answers, counts, format, queue } = this.#host
    try {
      counts.deliveries++
      if (this.#head === undefined) answers.respond(eventMessage(this.#call, event))
      else queue.send('text', this.#head, event.encoded(format.sharedBody))
    } catch (cause) {
      // An event that can't be serialized is the end of the subscriptions that get it, not of the loop that sends it to all.
      answers.respondWithError(this.#call, cause)
      this.stop()
    }
    return queue.hasRoom
  }

  async drained(): Promise<void> {
    const drained = this.#isLive ? this.#host.queue.drained() : undefined
    if (drained) await this.#orStopped(drained)
  }

  /** Stopped; or the connection closes, and what begins here would never hear of it. */
  #isOver(): boolean {
    if (!this.#host.isOpen) this.stop()
    return this.signal.aborted
  }

  /** A live stream waits in no function of this class: a connection that only listens costs as little memory as can be. */
  #attach(stream: LiveStream<unknown, unknown>): void {
    this.#head = this.#host.format.sharedHead(this.#call)
    this.#respond('started')
    this.#isLive = true
    Promise.try(() => stream.attach(this)).then(
      () => this.#onDetached(),
      (cause: unknown) => this.#onDetached(cause),
    )
  }

  #onDetached(cause?: unknown): void {
    if (this.#isLive) {
      this.#isLive = false
      if (cause !== undefined) this.#host.answers.respondWithError(this.#call, cause)
      this.#finish()
    } else if (cause !== undefined) this.#reportLate(cause)
  }

  /** What fails once it has started is told before `stopped`. */
  async #serve(stream: Stream): Promise<void> {
    try {
      if (isObservable(stream)) await this.#observe(stream)
      else await this.#iterate(stream)
    } catch (cause) {
      this.stop()
      this.#host.answers.respondWithError(this.#call, cause)
    }
  }

  /** The last word: `stopped`, or why it did not even start. From here on the id is free. */
  #finish(cause?: unknown): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#host.release(this.#call.id, this)
    if (cause === undefined) this.#respond('stopped')
    else this.#host.answers.respondWithError(this.#call, cause)
  }

  /** What it emits while it is subscribed to follows `started` all the same. */
  async #observe(observable: Observable<unknown, unknown>): Promise<void> {
    let early: unknown[] | undefined = []
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const next = (value: unknown) => {
      try {
        if (early) early.push(value)
        else if (!this.signal.aborted) this.#deliver(value)
      } catch (cause) {
        reject(cause)
      }
    }
    const subscription = observable.subscribe({ next, error: reject, complete: resolve })
    try {
      this.#respond('started')
      const values = early
      early = undefined
      for (const value of values) next(value)
      await this.#orStopped(promise)
    } finally {
      this.#unsubscribe(subscription)
    }
  }

  async #iterate(iterable: AsyncIterable<unknown>): Promise<void> {
    this.#respond('started')
    const iterator = iterable[Symbol.asyncIterator]()
    const pump = new IteratorPump(iterator, {
      signal: this.signal,
      deliver: (value) => {
        const drained = this.#host.queue.drained()
        return drained ? this.#deliverAfter(drained, value) : this.#deliver(value)
      },
      onLateError: (cause) => this.#reportLate(cause),
    })
    let isDone = false
    try {
      isDone = await pump.finished
    } finally {
      if (!isDone) this.stop()
      await this.#dispose(iterator)
      pump.forget()
    }
  }

  #deliver(value: unknown): void {
    const event = isTrackedEnvelope(value) ? { id: value[0], data: value[1] } : { data: value }
    this.#host.counts.deliveries++
    this.#host.answers.respond(eventMessage(this.#call, event))
  }

  async #deliverAfter(drained: Promise<void>, value: unknown): Promise<void> {
    await drained
    if (!this.signal.aborted) this.#deliver(value)
  }

  /** A stream that came too late to be served. One that begins only when it is attached or subscribed to needs nothing. */
  async #discard(stream: unknown): Promise<void> {
    if (!isStream(stream) || isLiveStream(stream) || isObservable(stream)) return
    await this.#dispose(stream[Symbol.asyncIterator]())
  }

  #dispose(iterator: AsyncIterator<unknown>): Promise<void> {
    return disposeIterator(iterator, CLEANUP_MS, (cause) => this.#host.answers.reportError(this.#call, cause))
  }

  #unsubscribe(subscription: Unsubscribable): void {
    try {
      subscription.unsubscribe()
    } catch (cause) {
      this.#host.answers.reportError(this.#call, cause)
    }
  }

  /** Settles as the work does, or resolves when the subscription is stopped, whichever is first. */
  #orStopped(work: Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stopped = () => resolve()
    this.signal.addEventListener('abort', stopped, { once: true })
    if (this.signal.aborted) resolve()
    work.then(resolve, reject)
    return promise.finally(() => this.signal.removeEventListener('abort', stopped))
  }

  /** A failure after the stop. Nobody waits for it, and an AbortError is how such a stream is expected to end. */
  #reportLate(cause: unknown): void {
    if (!isAbortError(getTRPCErrorFromUnknown(cause).cause)) this.#host.answers.reportError(this.#call, cause)
  }

  #respond(type: 'started' | 'stopped'): void {
    const { id, jsonrpc } = this.#call
    this.#host.answers.respond({ id, jsonrpc, result: { type } })
  }
}

type Stream = AsyncIterable<unknown> | Observable<unknown, unknown>

/** What a subscription can serve, and a query can't. */
export const isStream = (value: unknown): value is Stream =>
  isObservable(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)

const noStream = ({ path }: Call) =>
  new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Subscription ${path} did not return an observable or a AsyncGenerator`,
  })

const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** A procedure that gives up because its subscription was stopped. */
function isCancelled(cause: unknown, signal: AbortSignal): boolean {
  const error = getTRPCErrorFromUnknown(cause)
  return signal.aborted && error.code === 'INTERNAL_SERVER_ERROR' && isAbortError(error.cause)
}
