import { setTimeout as sleep } from 'node:timers/promises'
import { TRPCClientError } from '@trpc/client'
import type { AppRouter, ChatErrorReason } from '../../shared/index.ts'

/** What waiting helps against. */
const PASSING = new Set<ChatErrorReason>(['UNAVAILABLE', 'SHUTTING_DOWN', 'RATE_LIMITED', 'SLOW_CONSUMER'])
const RETRY_MS = 200

export const reasonOf = (error: unknown): ChatErrorReason | undefined =>
  error instanceof TRPCClientError ? errorData(error)?.reason : undefined

/** The pause before the same call may succeed; undefined where it never will. A call without an answer may be repeated. */
export function pauseAfter(error: unknown): number | undefined {
  if (!(error instanceof TRPCClientError)) return undefined
  const data = errorData(error)
  if (!data) return RETRY_MS
  return PASSING.has(data.reason) ? (data.retryAfterMs ?? RETRY_MS) : undefined
}

const errorData = (error: TRPCClientError<AppRouter>) => error.data ?? undefined

/** Calls until there is an answer, as an outbox does. @throws the refusal, where it will not change or the signal has aborted */
export async function persistently<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  while (true) {
    try {
      return await call()
    } catch (error) {
      const pause = pauseAfter(error)
      if (pause === undefined || signal?.aborted) throw error
      await sleep(pause)
    }
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  else signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}
