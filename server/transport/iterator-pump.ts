export interface PumpOptions<T> {
  signal: AbortSignal
  /** Takes a value, and says when it can take the next if that is not at once. What it throws ends the iteration. */
  deliver: (value: T) => Promise<void> | undefined
  /** What the iterator throws after the stop, when nobody waits for it any longer. */
  onLateError: (cause: unknown) => void
}

/**
 * Delivers what an iterator yields until it is done (resolves with true), throws (rejects) or the signal aborts (resolves with false, at
 * once, whatever the iterator waits for). It is made of callbacks, so that an iterator that ignores the signal and never settles keeps
 * nothing of its subscriber alive.
 */
export function pumpIterator<T>(iterator: AsyncIterator<T, unknown>, options: PumpOptions<T>): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const { signal, onLateError } = options
  let deliver: PumpOptions<T>['deliver'] | undefined = options.deliver
  const settle = (finish: () => void) => {
    deliver = undefined
    signal.removeEventListener('abort', stop)
    finish()
  }
  const stop = () => settle(() => resolve(false))
  const fail = (cause: unknown) => (deliver ? settle(() => reject(cause)) : onLateError(cause))
  const take = (next: IteratorResult<T, unknown>) => {
    if (!deliver) return
    if (next.done) return settle(() => resolve(true))
    try {
      const ready = deliver(next.value)
      if (ready) ready.then(pull, fail)
      else pull()
    } catch (cause) {
      fail(cause)
    }
  }
  const pull = () => {
    if (deliver) Promise.try(() => iterator.next()).then(take, fail)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  pull()
  return promise
}
