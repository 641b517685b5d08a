import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../rpc/chat-error.ts'

const RETRY_MS = 500

/**
 * A read on behalf of a stream that has begun: a database that is away makes the stream wait, not end. What the caller may know
 * (a lost right) is thrown, and so is everything once the signal has aborted.
 */
export async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await read()
    } catch (error) {
      if (signal.aborted || error instanceof ChatError) throw error
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
