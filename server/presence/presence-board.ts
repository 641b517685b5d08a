import type { Logger } from 'pino'
import type { Presence, PresenceStatus } from '../../shared/presence.ts'
import { isPresenceShownTo, type Viewer } from '../access/presence-visibility.ts'
import { type Bus, type PresenceLease, userChannel } from '../bus/bus.ts'
import type { RedisLink } from '../bus/redis-link.ts'
import type { Database } from '../db/database.ts'
import { LastSeenWriter } from './last-seen-writer.ts'
import { PresenceExchange } from './presence-exchange.ts'
import { RemoteLeases } from './remote-leases.ts'

type PresenceListener = (userId: string) => void
type ChosenStatus = PresenceLease['status']

interface Lease extends PresenceLease {
  tenantId: string
  userId: string
  connections: number
  /** Runs after the last connection has closed. A reconnect before it fires does not show as offline and online. */
  expiry: ReturnType<typeof setTimeout> | undefined
}

interface Watched {
  userId: string
  /** The state that watchers know. */
  shown: string
  listeners: Set<PresenceListener>
}

/**
 * Knows who is online. A user is online from the first connection until no node has had a connection for the duration of a lease.
 * The latest choice of a status wins over those of other devices. When a user goes offline, the time is stored in the user's row.
 */
export class PresenceBoard {
  readonly #database: Database
  readonly #lastSeen: LastSeenWriter
  readonly #leaseMs: number
  readonly #leases = new Map<string, Lease>()
  readonly #remote = new RemoteLeases()
  readonly #exchange: PresenceExchange | undefined
  readonly #watched = new Map<string, Watched>()

  constructor(database: Database, log: Logger, leaseMs: number, others?: { bus: Bus; link: RedisLink }) {
    this.#database = database
    this.#lastSeen = new LastSeenWriter(database, log)
    this.#leaseMs = leaseMs
    this.#exchange = others && new PresenceExchange(others.link, others.bus, log, this.#remote, leaseMs)
    this.#remote.onChange = (channel) => this.#tell(channel)
  }

  /** Joins the other nodes, if there are any. */
  async start(): Promise<void> {
    await this.#exchange?.start()
  }

  /** Registers a connection of the user. It counts until the returned function is called. */
  connect(tenantId: string, userId: string): () => void {
    const key = userChannel(tenantId, userId)
    const lease = this.#lease(tenantId, userId)
    clearTimeout(lease.expiry)
    lease.connections++
    if (!this.#leases.has(key)) {
      this.#leases.set(key, lease)
      this.#put(key, lease)
    }
    let isConnected = true
    return () => {
      if (!isConnected) return
      isConnected = false
      lease.connections--
      if (lease.status !== 'invisible') this.#lastSeen.remember(key, tenantId, userId)
      if (lease.connections === 0) this.#awaitExpiry(key, lease)
    }
  }

  /** Sets the status that the user shows while online. It is kept while the user has a connection. */
  set(tenantId: string, userId: string, status: ChosenStatus, text: string | null | undefined): void {
    const key = userChannel(tenantId, userId)
    const lease = this.#lease(tenantId, userId)
    // Later than any choice that this node knows, even if another node's clock is ahead.
    const latest = latestOf([lease, ...this.#remote.of(key)])
    lease.chosenAt = Math.max(Date.now(), (latest?.chosenAt ?? 0) + 1)
    lease.status = status
    lease.text = text === undefined ? (latest?.text ?? null) : text
    if (!this.#leases.has(key)) {
      this.#leases.set(key, lease)
      this.#awaitExpiry(key, lease)
    }
    this.#put(key, lease)
  }

  /** The visibility of the user's presence changed: watchers on all nodes look again. */
  refresh(tenantId: string, userId: string): void {
    const key = userChannel(tenantId, userId)
    const latest = this.#latest(key)
    if (latest) this.set(tenantId, userId, latest.status, latest.text)
    else for (const listener of this.#watched.get(key)?.listeners ?? []) listener(userId)
  }

  /** The presence of those of these users that exist, in their order. Users who hide theirs from this viewer appear offline. */
  async read(viewer: Viewer, userIds: string[]): Promise<Presence[]> {
    const { tenantId } = viewer
    if (userIds.length === 0) return []
    const rows = await this.#database.db
      .selectFrom('users')
      .select(['id', 'last_seen_at', isPresenceShownTo(viewer).as('is_shown')])
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', userIds)
      .execute()
    const stored = new Map(rows.map((row) => [row.id, row]))
    return userIds.flatMap((userId) => {
      const row = stored.get(userId)
      if (!row) return []
      if (!row.is_shown) return { userId, status: 'offline', text: null, lastSeenAt: null }
      const key = userChannel(tenantId, userId)
      const { status, text } = this.#shown(key)
      return { userId, status, text, lastSeenAt: this.#lastSeen.get(key) ?? row.last_seen_at }
    })
  }

  /** Calls back with each watched user whose presence changes. `add` (false if already watched) and `remove` change the set. */
  watch(tenantId: string, userIds: Iterable<string>, onChange: PresenceListener) {
    const keys = new Set<string>()
    const add = (userId: string): boolean => {
      const key = userChannel(tenantId, userId)
      if (keys.has(key)) return false
      keys.add(key)
      const watched = this.#watched.get(key) ?? { userId, shown: this.#look(key), listeners: new Set() }
      this.#watched.set(key, watched)
      watched.listeners.add(onChange)
      return true
    }
    const drop = (key: string) => {
      keys.delete(key)
      const watched = this.#watched.get(key)
      watched?.listeners.delete(onChange)
      if (watched?.listeners.size === 0) this.#watched.delete(key)
    }
    for (const userId of userIds) add(userId)
    return {
      add,
      remove: (userId: string) => drop(userChannel(tenantId, userId)),
      release: () => keys.forEach(drop),
    }
  }

  async close(): Promise<void> {
    for (const lease of this.#leases.values()) clearTimeout(lease.expiry)
    await this.#exchange?.close()
    await this.#lastSeen.close()
  }

  /** The user's lease on this node. A new lease continues with the status chosen on another node. */
  #lease(tenantId: string, userId: string): Lease {
    const key = userChannel(tenantId, userId)
    const known = this.#leases.get(key)
    if (known) return known
    const { status, text, chosenAt } = latestOf(this.#remote.of(key)) ?? { status: 'online', text: null, chosenAt: 0 }
    return { tenantId, userId, connections: 0, status, text, chosenAt, expiry: undefined }
  }

  #latest(key: string): PresenceLease | undefined {
    const here = this.#leases.get(key)
    return latestOf([...(here ? [here] : []), ...this.#remote.of(key)])
  }

  #shown(key: string): { status: PresenceStatus; text: string | null } {
    const lease = this.#latest(key)
    if (!lease || lease.status === 'invisible') return { status: 'offline', text: null }
    return { status: lease.status, text: lease.text }
  }

  /** A repeated choice of the same status also counts as a change, because its visibility may have changed. */
  #look(key: string): string {
    const { status, text } = this.#shown(key)
    return `${status} ${this.#latest(key)?.chosenAt ?? 0} ${text ?? ''}`
  }

  #put(key: string, { status, text, chosenAt }: Lease): void {
    this.#exchange?.put(key, { status, text, chosenAt })
    this.#tell(key)
  }

  #awaitExpiry(key: string, lease: Lease): void {
    clearTimeout(lease.expiry)
    lease.expiry = setTimeout(() => {
      this.#leases.delete(key)
      this.#exchange?.put(key, null)
      this.#tell(key)
    }, this.#leaseMs).unref()
  }

  /** Notifies watchers if the state changed. */
  #tell(key: string): void {
    const watched = this.#watched.get(key)
    if (!watched) return
    const shown = this.#look(key)
    if (shown === watched.shown) return
    watched.shown = shown
    for (const listener of watched.listeners) listener(watched.userId)
  }
}

/** The lease whose status was chosen last. */
function latestOf(leases: PresenceLease[]): PresenceLease | undefined {
  return leases.reduce<PresenceLease | undefined>(
    (latest, lease) => (latest && latest.chosenAt >= lease.chosenAt ? latest : lease),
    undefined,
  )
}
