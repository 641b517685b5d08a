import { ChatError } from '../errors/chat-error.ts'
import { isDatabaseAway } from '../errors/database-error.ts'
import { pauseFor } from '../lib/pause.ts'

const RETRY_MS = 500

/** What waiting helps against: a database that is away, and too many who read it at once. */
const isPassing = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof ChatError && error.reason === 'RATE_LIMITED')

/**
 * A read on behalf of a stream that has begun: a database that is away makes the stream wait, not end, and so does a crowd. Everything
 * else is thrown, such as a lost right, and once the signal has aborted, that too.
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
