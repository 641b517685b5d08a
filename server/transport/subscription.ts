import { getTRPCErrorFromUnknown, isTrackedEnvelope, TRPCError } from '@trpc/server'
import type { TransportCounts } from './handler-core.ts'
import { isLiveStream, type LiveEvent, type LiveSink, type LiveStream } from './live-stream.ts'
import type { OutgoingQueue } from './outgoing-queue.ts'
import type { Call, ResponseWriter } from './response-writer.ts'
import { type Delivery, deliverStream, discardStream, isStream, orAborted, type Stream } from './stream-delivery.ts'
import { eventMessage, type WireFormat } from './wire-format.ts'

/** What a subscription needs of its connection. */
export interface SubscriptionHost {
  readonly isOpen: boolean
  readonly outgoing: OutgoingQueue
  readonly responses: ResponseWriter
  readonly format: WireFormat
  readonly counts: TransportCounts
  /** Runs the procedure; undefined if the signal aborted before it began. @throws what it throws */
  invoke(call: Call, signal: AbortSignal): Promise<unknown>
  /** Called before the peer is told that a subscription is over: its id is free from then on. */
  release(id: Call['id'], subscription: Subscription): void
}

/**
 *   running → attached             the procedure returned a live stream: this object is its sink
 *   attached → detached            the stream ended or the subscription is stopped: nothing more goes through the sink
 *   running, detached → finished   the peer is told the end
 *
 * Any other stream is served while `running`, until the signal aborts.
 */
type Mode = 'running' | 'attached' | 'detached' | 'finished'

const NEXT_MODES: Record<Mode, readonly Mode[]> = {
  running: ['attached', 'finished'],
  attached: ['detached'],
  detached: ['finished'],
  finished: [],
}

/**
 * One subscription: the peer is told `started`, its events, an error if there was one, and `stopped`. It ends by itself or by
 * `stop`, and its stream can't delay that: a generator that ignores its signal is asked to return and then left alone.
 */
export class Subscription implements LiveSink<unknown> {
  readonly #host: SubscriptionHost
  readonly #call: Call
  readonly #stopping = new AbortController()
  #mode: Mode = 'running'
  #head: string | undefined
  #onFirst: ((event: LiveEvent) => void) | undefined

  constructor(host: SubscriptionHost, call: Call) {
    this.#host = host
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  stop(): void {
    const wasAttached = this.#mode === 'attached'
    if (wasAttached) this.#enter('detached')
    // `abort` makes an error with a stack, even when it changes nothing.
    if (!this.signal.aborted) this.#stopping.abort()
    if (wasAttached) this.#finish()
  }

  /** Runs the procedure, and serves its stream to the end unless it is a live one. Never rejects. */
  async run(): Promise<void> {
    try {
      const stream = await this.#host.invoke(this.#call, this.signal)
      if (this.#isOver()) await this.#discard(stream)
      else if (isLiveStream(stream)) return this.#attach(stream)
      else if (!isStream(stream)) throw noStream(this.#call)
      else await this.#deliver(stream)
      this.#finish()
    } catch (cause) {
      if (isCancelled(cause, this.signal)) this.#finish()
      else this.#finish(cause)
    }
  }

  send(event: LiveEvent): boolean {
    if (this.#mode !== 'attached') return false
    const { responses, counts, format, outgoing } = this.#host
    if (this.#onFirst) this.#tellFirst(event)
    try {
      counts.deliveries++
      if (this.#head === undefined) responses.respond(eventMessage(this.#call, event))
      else outgoing.send('text', this.#head, event.encoded(format.sharedBody))
    } catch (cause) {
      // An event that can't be serialized ends the subscriptions that get it, and not the loop that sends it to all of them.
      responses.respondWithError(this.#call, cause)
      this.stop()
    }
    return outgoing.hasRoom
  }

  onFirst(listener: (event: LiveEvent) => void): void {
    this.#onFirst = listener
  }

  async drained(): Promise<void> {
    const drained = this.#mode === 'attached' ? this.#host.outgoing.drained() : undefined
    if (drained) await orAborted(drained, this.signal)
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
    this.#enter('attached')
    Promise.try(() => stream.attach(this)).then(
      () => this.#onDetached(),
      (cause: unknown) => this.#onDetached(cause),
    )
  }

  #onDetached(cause?: unknown): void {
    if (this.#mode === 'attached') {
      this.#enter('detached')
      if (cause !== undefined) this.#host.responses.respondWithError(this.#call, cause)
      this.#finish()
    } else if (cause !== undefined) this.#reportLate(cause)
  }

  #tellFirst(event: LiveEvent): void {
    const listener = this.#onFirst
    this.#onFirst = undefined
    listener?.(event)
  }

  /** Delivers a stream that is no live one. The peer is told what fails after `started` before it is told `stopped`. */
  async #deliver(stream: Stream): Promise<void> {
    const { responses, outgoing, counts } = this.#host
    const delivery: Delivery = {
      signal: this.signal,
      started: () => this.#respond('started'),
      deliver: (value) => {
        counts.deliveries++
        responses.respond(eventMessage(this.#call, toEvent(value)))
      },
      drained: () => outgoing.drained(),
      stop: () => this.stop(),
      onLateError: (cause) => this.#reportLate(cause),
      onCleanupError: (cause) => responses.reportError(this.#call, cause),
    }
    try {
      await deliverStream(stream, delivery)
    } catch (cause) {
      this.stop()
      responses.respondWithError(this.#call, cause)
    }
  }

  async #discard(stream: unknown): Promise<void> {
    // A live stream begins only when it is attached, and needs nothing.
    if (!isStream(stream) || isLiveStream(stream)) return
    await discardStream(stream, (cause) => this.#host.responses.reportError(this.#call, cause))
  }

  /** Says the last word: `stopped`, or the error that kept it from starting. Its id is free from then on. */
  #finish(cause?: unknown): void {
    if (this.#mode === 'finished') return
    this.#enter('finished')
    this.#host.release(this.#call.id, this)
    if (cause === undefined) this.#respond('stopped')
    else this.#host.responses.respondWithError(this.#call, cause)
  }

  /** Reports a failure after the stop, which nobody waits for. An AbortError is how such a stream is expected to end. */
  #reportLate(cause: unknown): void {
    if (!isAbortError(getTRPCErrorFromUnknown(cause).cause)) this.#host.responses.reportError(this.#call, cause)
  }

  #respond(type: 'started' | 'stopped'): void {
    const { id, jsonrpc } = this.#call
    this.#host.responses.respond({ id, jsonrpc, result: { type } })
  }

  #enter(mode: Mode): void {
    if (!NEXT_MODES[this.#mode].includes(mode)) throw new Error(`A subscription can't go from ${this.#mode} to ${mode}`)
    this.#mode = mode
  }
}

const toEvent = (value: unknown): { id?: string; data: unknown } =>
  isTrackedEnvelope(value) ? { id: value[0], data: value[1] } : { data: value }

const noStream = ({ path }: Call) =>
  new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Subscription ${path} did not return an observable or a AsyncGenerator`,
  })

const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** Whether a procedure gave up because its subscription was stopped. */
function isCancelled(cause: unknown, signal: AbortSignal): boolean {
  const error = getTRPCErrorFromUnknown(cause)
  return signal.aborted && error.code === 'INTERNAL_SERVER_ERROR' && isAbortError(error.cause)
}
