import { sql } from 'kysely'
import type { Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'

/** Time limit for a whole search: waiting for its turn, its statements, and processing their rows. */
const TIMEOUT_MS = 2_000

/** The time by which a search must finish. */
export class SearchDeadline {
  /** Aborts at the deadline with SEARCH_TIMEOUT. */
  readonly signal: AbortSignal
  readonly #endsAt = performance.now() + TIMEOUT_MS

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  /** @throws ChatError SEARCH_TIMEOUT */
  assertNotOver(): void {
    if (this.#leftMs <= 0) throw new ChatError('SEARCH_TIMEOUT')
  }

  /**
   * Limits the transaction's next statements to the remaining time and makes them use indexes. @throws ChatError SEARCH_TIMEOUT
   */
  async bound(tx: Tx): Promise<void> {
    this.assertNotOver()
    const leftMs = String(Math.ceil(this.#leftMs))
    await sql`select set_config('statement_timeout', ${leftMs}, true), set_config('enable_seqscan', 'off', true)`.execute(
      tx,
    )
  }

  get #leftMs(): number {
    return this.#endsAt - performance.now()
  }
}

/**
 * The result of a search that finishes in time. A late search runs on until it next checks the deadline, but nothing waits for
 * it.
 * @throws ChatError SEARCH_TIMEOUT
 */
export async function searchInTime<T>(search: (deadline: SearchDeadline) => Promise<T>): Promise<T> {
  const ending = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = new ChatError('SEARCH_TIMEOUT')
    ending.abort(reason)
    late.reject(reason)
  }, TIMEOUT_MS)
  try {
    return await Promise.race([search(new SearchDeadline(ending.signal)), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
