import { isObservable, type Observable } from '@trpc/server/observable'
import { disposeIterator, IteratorPump } from './iterator-pump.ts'

/** What a subscription can serve, and a query can't. */
export type Stream = AsyncIterable<unknown> | Observable<unknown, unknown>

export const isStream = (value: unknown): value is Stream =>
  isObservable(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)

/** How long a stopped generator may clean up before its subscription is over all the same. */
const CLEANUP_MS = 1_000

/** Where the values of a stream go. */
export interface Delivery {
  /** Ends the delivery. */
  readonly signal: AbortSignal
  /** Called once, when the first value may be delivered. */
  started(): void
  /** Delivers a value at once. @throws if it can't be serialized, which ends the delivery */
  deliver(value: unknown): void
  /** A promise of room for the next value; undefined while there is room. */
  drained(): Promise<void> | undefined
  /** Ends the delivery because the iterator failed or a value could not be delivered. */
  stop(): void
  /** Reports what fails after the stop. */
  onLateError(cause: unknown): void
  /** Reports what fails in cleaning up. */
  onCleanupError(cause: unknown): void
}

/**
 * Delivers a stream to its end, or until the signal aborts. An iterable waits for room before each value. An observable can't
 * wait, so its values are sent as they come. @throws what the stream throws, and what can't be delivered
 */
export const deliverStream = (stream: Stream, delivery: Delivery): Promise<void> =>
  isObservable(stream) ? deliverObservable(stream, delivery) : deliverIterable(stream, delivery)

/**
 * Cleans up a stream that comes too late to be delivered. An observable begins only when it is subscribed to and needs nothing.
 */
export async function discardStream(stream: Stream, onCleanupError: (cause: unknown) => void): Promise<void> {
  if (!isObservable(stream)) await disposeIterator(stream[Symbol.asyncIterator](), CLEANUP_MS, onCleanupError)
}

/** What an observable emits while it is subscribed to follows `started` all the same. */
async function deliverObservable(observable: Observable<unknown, unknown>, delivery: Delivery): Promise<void> {
  const { signal } = delivery
  let early: unknown[] | undefined = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const next = (value: unknown) => {
    try {
      if (early) early.push(value)
      else if (!signal.aborted) delivery.deliver(value)
    } catch (cause) {
      reject(cause)
    }
  }
  const subscription = observable.subscribe({ next, error: reject, complete: resolve })
  try {
    delivery.started()
    const values = early
    early = undefined
    for (const value of values) next(value)
    await orAborted(promise, signal)
  } finally {
    try {
      subscription.unsubscribe()
    } catch (cause) {
      delivery.onCleanupError(cause)
    }
  }
}

async function deliverIterable(iterable: AsyncIterable<unknown>, delivery: Delivery): Promise<void> {
  delivery.started()
  const { signal } = delivery
  const deliverAfter = async (drained: Promise<void>, value: unknown) => {
    await drained
    if (!signal.aborted) delivery.deliver(value)
  }
  const iterator = iterable[Symbol.asyncIterator]()
  const pump = new IteratorPump(iterator, {
    signal,
    deliver: (value) => {
      const drained = delivery.drained()
      return drained ? deliverAfter(drained, value) : delivery.deliver(value)
    },
    onLateError: (cause) => delivery.onLateError(cause),
  })
  let isDone = false
  try {
    isDone = await pump.finished
  } finally {
    if (!isDone) delivery.stop()
    await disposeIterator(iterator, CLEANUP_MS, (cause) => delivery.onCleanupError(cause))
    pump.forget()
  }
}

/** Settles as the work does, or resolves when the signal aborts, whichever is first. */
export function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stopped = () => resolve()
  signal.addEventListener('abort', stopped, { once: true })
  if (signal.aborted) resolve()
  work.then(resolve, reject)
  return promise.finally(() => signal.removeEventListener('abort', stopped))
}
