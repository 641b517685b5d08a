import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from '@trpc/client'
import { type Observer, observable, type Unsubscribable } from '@trpc/server/observable'
import type { AppRouter } from '../server/app-router.ts'
import { CallQueue } from './call-queue.ts'
import { callRetry, isUnanswered, lineOf } from './call-retry.ts'
import { clientError } from './client-error.ts'
import { copyInput } from './wire-frames.ts'
import { WIRE_LIMITS } from './wire-limits.ts'

type CallError = TRPCClientError<AppRouter>
type CallObserver = Observer<OperationResultEnvelope<unknown, CallError>, CallError>

/** Free slots are gathered for this long, so that the calls that take them leave in one frame: a server counts frames too. */
const REFILL_MS = 10

interface Call {
  readonly op: Operation
  readonly turn: number
  attempts: number
  send(): void
  fail(error: CallError): void
}

/**
 * Bounds the queries and mutations in flight. The others wait in the order in which they were made. A call that can be sent
 * again keeps its turn and takes no slot while it waits. Later calls in its line wait behind it: they would fail too, or
 * overtake it. After `end` nothing is sent any more.
 */
export class CallLimiter {
  readonly #maxWaitMs: number
  /** By line (`lineOf`). */
  readonly #queues = new Map<string, CallQueue<Call>>()
  readonly #inFlight = new Set<Call>()
  readonly #onIdle: (() => void)[] = []
  #turns = 0
  #refill: ReturnType<typeof setTimeout> | undefined
  #ended: CallError | undefined

  /** A call fails if the server asks it to wait longer than `maxWaitMs`. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs
  }

  readonly link: TRPCLink<AppRouter> = () => (step) =>
    step.op.type === 'subscription' ? step.next(step.op) : observable((observer) => this.#take(step, observer))

  /** Fails the waiting calls and all later ones. Calls in flight continue; see `idle` and `abandon`. Idempotent. */
  end(error: CallError): void {
    this.#ended ??= error
    clearTimeout(this.#refill)
    const waiting: Call[] = []
    for (const queue of this.#queues.values()) {
      queue.release()
      for (let call = queue.shift(); call; call = queue.shift()) waiting.push(call)
    }
    this.#queues.clear()
    for (const call of waiting) call.fail(this.#ended)
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#inFlight.size === 0) resolve()
      else this.#onIdle.push(resolve)
    })
  }

  /** After `end`: fails the calls that are still in flight. */
  abandon(): void {
    for (const call of this.#inFlight) if (this.#ended) call.fail(this.#ended)
  }

  #take(
    { op: asked, next }: Parameters<ReturnType<TRPCLink<AppRouter>>>[0],
    observer: CallObserver,
  ): Unsubscribable | (() => void) {
    let downstream: Unsubscribable | undefined
    const copy = copyInput(asked.input)
    const op = { ...asked, input: copy?.input }
    const call: Call = {
      op,
      turn: this.#turns++,
      attempts: 0,
      send: () => {
        call.attempts++
        downstream = next(op).subscribe({
          next: (envelope) => observer.next(envelope),
          error: (error) => this.#retry(call, error),
          complete: () => observer.complete(),
        })
      },
      fail: (error) => observer.error(error),
    }
    const abort = () => observer.complete()
    op.signal?.addEventListener('abort', abort)
    if (op.signal?.aborted) abort()
    else if (!copy) call.fail(clientError('PAYLOAD_TOO_LARGE'))
    else this.#add(call)
    return () => {
      op.signal?.removeEventListener('abort', abort)
      this.#forget(call)
      downstream?.unsubscribe()
    }
  }

  #add(call: Call): void {
    if (this.#ended) return call.fail(this.#ended)
    this.#queueOf(call).add(call)
    // Calls that wait for a refill come first.
    if (!this.#refill) this.#fill()
  }

  #queueOf({ op: { path } }: Call): CallQueue<Call> {
    const line = lineOf(path)
    const queue = this.#queues.get(line) ?? new CallQueue()
    this.#queues.set(line, queue)
    return queue
  }

  #fill(): void {
    while (this.#inFlight.size < WIRE_LIMITS.calls) {
      const call = this.#nextQueue()?.shift()
      if (!call) return
      this.#inFlight.add(call)
      call.send()
    }
  }

  /** Of the queues that may send, the one whose first call has the earliest turn. */
  #nextQueue(): CallQueue<Call> | undefined {
    let found: CallQueue<Call> | undefined
    for (const [line, queue] of this.#queues) {
      if (queue.isHeld) continue
      if (!queue.first) this.#queues.delete(line)
      else if (queue.first.turn < (found?.first?.turn ?? Infinity)) found = queue
    }
    return found
  }

  #retry(call: Call, error: CallError): void {
    this.#land(call)
    if (this.#ended) return call.fail(isUnanswered(error) ? this.#ended : error)
    const pauseMs = callRetry({ ...call, error }, this.#maxWaitMs)
    if (pauseMs === undefined) return call.fail(error)
    const queue = this.#queueOf(call)
    queue.holdFor(pauseMs, () => this.#fill())
    queue.add(call)
  }

  /** Frees the call's slot for the next one. */
  #land(call: Call): void {
    if (!this.#inFlight.delete(call)) return
    if (this.#inFlight.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
    if (this.#ended || this.#refill || !this.#nextQueue()) return
    this.#refill = setTimeout(() => {
      this.#refill = undefined
      this.#fill()
    }, REFILL_MS)
  }

  #forget(call: Call): void {
    this.#queues.get(lineOf(call.op.path))?.remove(call)
    this.#land(call)
  }
}
