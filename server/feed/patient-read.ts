import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../rpc/error-report.ts'

const RETRY_MS = 500

/**
 * A read on behalf of a stream that has begun: a database that is away makes the stream wait, not end. Everything else is thrown,
 * such as a lost right, and once the signal has aborted, that too.
 */
export async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await read()
    } catch (error) {
      if (signal.aborted || !isDatabaseAway(error)) throw error
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
