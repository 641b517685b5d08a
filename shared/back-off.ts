const START_MS = 500

/**
 * How long to wait before attempt number `attempt`, in milliseconds: a random time below a bound that doubles from 500 ms up to
 * `maxMs`. Full jitter keeps clients that were dropped together from reconnecting together.
 */
export const backOff = (attempt: number, maxMs: number): number =>
  Math.random() * Math.min(maxMs, START_MS * 2 ** Math.min(attempt, 16))

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    resolve()
  }
  const timer = setTimeout(end, ms)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  return promise
}

/** The promise's result, or a rejection with the signal's reason if the signal aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end))
  })
}
