import { backOff, CHAT_ERRORS, setLongTimeout } from '../../shared/index.ts'
import type { ChatFailure } from '../store/chat-failure.ts'

const PAUSE_MAX_MS = 30_000

/**
 * The pause before a failed send is tried again, or undefined if the send is given up: a retry can't help, or the server names a
 * time beyond `patienceMs`. A missing answer, a busy server and an expired sign-in are all temporary: the message is not at
 * fault.
 */
export function retryPause(
  { reason, retryAfterMs }: ChatFailure,
  attempt: number,
  patienceMs: number,
): number | undefined {
  const jittered = backOff(attempt, PAUSE_MAX_MS)
  if (reason === null) return jittered
  const { code, retry } = CHAT_ERRORS[reason]
  if (code === 'UNAUTHORIZED') return jittered
  if (retry === 'never' || (retryAfterMs ?? 0) > patienceMs) return undefined
  // A mute without an end does not pass by waiting.
  if (reason === 'MUTED' && retryAfterMs === null) return undefined
  return retryAfterMs ?? jittered
}

/** Pauses that `wake` ends early. */
export class Wakeable {
  readonly #wakers = new Set<() => void>()

  wake() {
    for (const waker of this.#wakers) waker()
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        stopWaiting()
        this.#wakers.delete(end)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const stopWaiting = setLongTimeout(end, ms)
      this.#wakers.add(end)
      signal.addEventListener('abort', end)
      if (signal.aborted) end()
    })
  }
}
