import { backOff, setLongTimeout } from '../../shared/index.ts'
import { type ChatFailure, isRetryable, toChatFailure } from './chat-failure.ts'

const PAUSE_MAX_MS = 15_000

/** How a subscription reports its end. */
export interface StreamEnd {
  onError(error: unknown): void
  onComplete(): void
}

/**
 * Keeps a subscription going. The client itself recovers a lost connection. A stream that the server ends for a temporary reason
 * starts again after a growing pause. Any other end is final and reported once.
 *
 * @returns a function that stops the subscription.
 */
export function keepSubscribed(
  start: (end: StreamEnd) => { unsubscribe(): void },
  onRefused: (failure: ChatFailure) => void,
): () => void {
  let isStopped = false
  let attempt = 0
  let stopWaiting: (() => void) | undefined
  let current: { unsubscribe(): void } | undefined

  const begin = () => {
    let isOver = false
    const again = (pause: number | undefined) => {
      if (isStopped || isOver) return
      isOver = true
      stopWaiting = setLongTimeout(begin, pause ?? backOff(attempt++, PAUSE_MAX_MS))
    }
    const startedAt = Date.now()
    const forgetEarlierFaults = () => {
      if (Date.now() - startedAt > PAUSE_MAX_MS) attempt = 0
    }
    current = start({
      onError(error) {
        forgetEarlierFaults()
        const failure = toChatFailure(error)
        if (isRetryable(failure)) return again(failure.retryAfterMs ?? undefined)
        if (isStopped || isOver) return
        isOver = true
        onRefused(failure)
      },
      onComplete() {
        forgetEarlierFaults()
        again(undefined)
      },
    })
  }

  begin()
  return () => {
    isStopped = true
    stopWaiting?.()
    current?.unsubscribe()
  }
}
