import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Presence, PresenceStatus } from '../../shared/presence.ts'
import { userChannel } from '../bus/bus.ts'
import type { Database } from '../db/connect.ts'

type PresenceListener = (userId: string) => void
type ChosenStatus = 'online' | 'away' | 'busy' | 'invisible'

interface Lease {
  tenantId: string
  userId: string
  connections: number
  status: ChosenStatus
  text: string | null
  /** Runs after the last connection is gone; a reconnect before it ends is not an offline and online. */
  expiry: ReturnType<typeof setTimeout> | undefined
}

const FLUSH_MS = 2_000
const FLUSH_ROWS = 500

/**
 * Who is online, in the memory of this process. A user is online from the first connection until no connection has been there for
 * the time of a lease. When somebody goes offline, the time is kept in the user's row, written in batches.
 */
export class PresenceBoard {
  readonly #database: Database
  readonly #log: Logger
  readonly #leaseMs: number
  readonly #leases = new Map<string, Lease>()
  readonly #listeners = new Map<string, Set<PresenceListener>>()
  /** Users last seen since the latest flush; bounded by who was connected meanwhile. */
  readonly #lastSeen = new Map<string, { tenantId: string; userId: string; at: Date }>()
  #flushTimer: ReturnType<typeof setTimeout> | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(database: Database, log: Logger, leaseMs: number) {
    this.#database = database
    this.#log = log
    this.#leaseMs = leaseMs
  }

  /** A connection of the user is there until the returned function is called. */
  connect(tenantId: string, userId: string): () => void {
    const key = userChannel(tenantId, userId)
    const lease = this.#lease(tenantId, userId)
    clearTimeout(lease.expiry)
    lease.connections++
    if (!this.#leases.has(key)) {
      this.#leases.set(key, lease)
      this.#tell(key, userId)
    }
    let isConnected = true
    return () => {
      if (!isConnected) return
      isConnected = false
      lease.connections--
      this.#remember(key, lease)
      if (lease.connections === 0) this.#awaitExpiry(key, lease)
    }
  }

  /** What the user shows while online; kept for as long as somebody of theirs is connected. */
  set(tenantId: string, userId: string, status: ChosenStatus, text: string | null | undefined): void {
    const key = userChannel(tenantId, userId)
    const lease = this.#lease(tenantId, userId)
    lease.status = status
    if (text !== undefined) lease.text = text
    if (!this.#leases.has(key)) {
      this.#leases.set(key, lease)
      this.#awaitExpiry(key, lease)
    }
    this.#tell(key, userId)
  }

  /** The presence of those of these users that exist, in their order. */
  async read(tenantId: string, userIds: string[]): Promise<Presence[]> {
    if (userIds.length === 0) return []
    const rows = await this.#database.db
      .selectFrom('users')
      .select(['id', 'last_seen_at'])
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', userIds)
      .execute()
    const stored = new Map(rows.map((row) => [row.id, row.last_seen_at]))
    return userIds.filter((id) => stored.has(id)).map((id) => this.#presenceOf(tenantId, id, stored.get(id) ?? null))
  }

  /** Calls back with each of these users whose presence changes. `add` (false for one who is there already) and `remove` change who they are. */
  watch(tenantId: string, userIds: Iterable<string>, onChange: PresenceListener) {
    const keys = new Set<string>()
    const add = (userId: string): boolean => {
      const key = userChannel(tenantId, userId)
      if (keys.has(key)) return false
      keys.add(key)
      const listeners = this.#listeners.get(key) ?? new Set()
      this.#listeners.set(key, listeners.add(onChange))
      return true
    }
    const drop = (key: string) => {
      keys.delete(key)
      const listeners = this.#listeners.get(key)
      listeners?.delete(onChange)
      if (listeners?.size === 0) this.#listeners.delete(key)
    }
    for (const userId of userIds) add(userId)
    return {
      add,
      remove: (userId: string) => drop(userChannel(tenantId, userId)),
      release: () => keys.forEach(drop),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const lease of this.#leases.values()) clearTimeout(lease.expiry)
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    await this.#flushing
    for (let left = -1; this.#lastSeen.size > 0 && this.#lastSeen.size !== left; await this.#flush())
      left = this.#lastSeen.size
  }

  #lease(tenantId: string, userId: string): Lease {
    const known = this.#leases.get(userChannel(tenantId, userId))
    return known ?? { tenantId, userId, connections: 0, status: 'online', text: null, expiry: undefined }
  }

  #presenceOf(tenantId: string, userId: string, storedLastSeen: Date | null): Presence {
    const key = userChannel(tenantId, userId)
    const lease = this.#leases.get(key)
    const lastSeenAt = this.#lastSeen.get(key)?.at ?? storedLastSeen
    const status: PresenceStatus = !lease || lease.status === 'invisible' ? 'offline' : lease.status
    return { userId, status, text: status === 'offline' ? null : (lease?.text ?? null), lastSeenAt }
  }

  #awaitExpiry(key: string, lease: Lease): void {
    lease.expiry = setTimeout(() => {
      this.#leases.delete(key)
      this.#tell(key, lease.userId)
    }, this.#leaseMs)
    lease.expiry.unref()
  }

  #tell(key: string, userId: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener(userId)
  }

  #remember(key: string, { tenantId, userId, status }: Lease): void {
    if (status === 'invisible') return
    this.#lastSeen.set(key, { tenantId, userId, at: new Date() })
    if (!this.#isClosed) this.#flushSoon()
  }

  #flushSoon(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined
      this.#flushing = this.#flush()
    }, FLUSH_MS).unref()
  }

  /** One statement for up to 500 users; what fails is written with the next flush. */
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
