import { ChatError } from '../errors/chat-error.ts'
import { isDatabaseAway } from '../errors/database-error.ts'
import { pauseFor } from '../lib/pause.ts'

const RETRY_MS = 500

/** Errors that waiting can resolve: the database is away, or too many reads came at once. */
const isPassing = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof ChatError && error.reason === 'RATE_LIMITED')

/**
 * A read for a stream that has begun. If the database is away or overloaded, the stream waits instead of ending. All other errors
 * are thrown, such as lost access, and after the signal has aborted these are too.
 */
export async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await read()
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error
      await pauseFor(RETRY_MS, signal, { isRef: true })
    }
  }
}
