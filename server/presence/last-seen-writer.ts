import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'

const FLUSH_MS = 2_000
const FLUSH_ROWS = 500

/** Writes the users' last-seen times to their rows in batches. */
export class LastSeenWriter {
  readonly #database: Database
  readonly #log: Logger
  /** Users last seen since the latest flush; bounded by the users connected in that time. */
  readonly #lastSeen = new Map<string, { tenantId: string; userId: string; at: Date }>()
  #flushTimer: ReturnType<typeof setTimeout> | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** The last-seen time that is yet to be written. */
  get(channel: string): Date | undefined {
    return this.#lastSeen.get(channel)?.at
  }

  remember(channel: string, tenantId: string, userId: string): void {
    this.#lastSeen.set(channel, { tenantId, userId, at: new Date() })
    if (!this.#isClosed) this.#flushSoon()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    await this.#flushing
    for (let left = -1; this.#lastSeen.size > 0 && this.#lastSeen.size !== left; await this.#flush())
      left = this.#lastSeen.size
  }

  #flushSoon(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined
      this.#flushing = this.#flush()
    }, FLUSH_MS).unref()
  }

  /** Writes up to 500 users per statement. Failed writes are repeated by the next flush. */
  async #flush(): Promise<void> {
    const batch = [...this.#lastSeen].slice(0, FLUSH_ROWS)
    if (batch.length === 0) return
    const seen = batch.map(([, each]) => each)
    try {
      await sql`
        with seen as materialized (
          select * from unnest(
            ${seen.map((each) => each.tenantId)}::text[], ${seen.map((each) => each.userId)}::text[],
            ${seen.map((each) => each.at)}::timestamptz[]
          ) as seen(tenant_id, id, at)
        ),
        locked as materialized (
          select found.* from (select * from seen order by tenant_id, id) as seen
          cross join lateral (
            select tenant_id, id, seen.at from users where tenant_id = seen.tenant_id and id = seen.id
            for no key update
          ) as found
        )
        update users set last_seen_at = locked.at
        from locked
        where users.tenant_id = locked.tenant_id and users.id = locked.id`.execute(this.#database.db)
      for (const [key, each] of batch) if (this.#lastSeen.get(key) === each) this.#lastSeen.delete(key)
    } catch (error) {
      this.#log.warn({ err: error }, 'unable to write when users were last seen; trying again')
    }
    if (this.#lastSeen.size > 0 && !this.#isClosed) this.#flushSoon()
  }
}
