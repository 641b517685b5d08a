import { sql } from 'kysely'
import type { Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'

/** What a whole search may take: waiting for its turn, all of its statements, and what is made of their rows. */
const TIMEOUT_MS = 2_000

/** When a search has to be over. */
export class SearchDeadline {
  /** Aborts then, with SEARCH_TIMEOUT. */
  readonly signal: AbortSignal
  readonly #endsAt = performance.now() + TIMEOUT_MS

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  /** @throws ChatError SEARCH_TIMEOUT */
  assertNotOver(): void {
    if (this.#leftMs <= 0) throw new ChatError('SEARCH_TIMEOUT')
  }

  /** Ends what the transaction asks next when the time is up, and has it look things up. @throws ChatError SEARCH_TIMEOUT */
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
 * What a search gives in time. A search that is late goes on until its next look at the deadline, and nobody waits for it.
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
