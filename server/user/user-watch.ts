import type { Logger } from 'pino'
import { type Bus, type BusMessage, type Unsubscribe, userChannel } from '../bus/bus.ts'
import type { UserRow } from '../db/schema.ts'
import { KeyedSubscriptions, type Opening } from '../lib/keyed-subscriptions.ts'
import type { UserKey } from '../lib/keys.ts'
import type { UserDirectory } from './user-directory.ts'

/** Receives changes of a user: the row after a change, or a message on the user's channel. */
export interface UserListener {
  /** The user's version changed: rooms joined or left, tokens revoked, a ban. Must return at once. */
  onChange(user: UserRow): void
  onMessage?(message: BusMessage): void
}

interface Watched extends UserKey {
  version: number | undefined
  readonly listeners: Set<UserListener>
}

const SLICE = 500

/**
 * Watches the users connected to this node for changes. The bus reports a change at once; the reconcile poll finds the ones that
 * it missed by the row's version.
 */
export class UserWatch {
  readonly #users: UserDirectory
  readonly #bus: Bus
  readonly #log: Logger
  readonly #watched = new KeyedSubscriptions<Watched>()

  constructor(users: UserDirectory, bus: Bus, log: Logger) {
    this.#users = users
    this.#bus = bus
    this.#log = log
  }

  /** No change is missed from when this resolves. Reading the earlier state is up to the caller. */
  async watch(tenantId: string, userId: string, listener: UserListener): Promise<() => void> {
    const open = () => this.#open(tenantId, userId)
    const { value: watched, release } = await this.#watched.acquire(userChannel(tenantId, userId), open)
    watched.listeners.add(listener)
    return () => {
      watched.listeners.delete(listener)
      release()
    }
  }

  /** Reads the versions of all watched users, in slices, and notifies the listeners of those that changed. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const all = this.#watched.values()
    for (let from = 0; from < all.length && !signal.aborted; from += SLICE) {
      await this.#refresh(all.slice(from, from + SLICE))
    }
  }

  #open(tenantId: string, userId: string): Opening<Watched> {
    const value: Watched = { tenantId, userId, version: undefined, listeners: new Set() }
    return { value, opened: this.#subscribe(value) }
  }

  /** Subscribes, then reads the version from which changes count. This order misses none. */
  async #subscribe(watched: Watched): Promise<Unsubscribe> {
    const { tenantId, userId } = watched
    const unsubscribe = await this.#bus.subscribe(userChannel(tenantId, userId), (message) => {
      for (const listener of watched.listeners) listener.onMessage?.(message)
      if (message.type === 'user.changed') this.#refreshSoon(watched)
    })
    try {
      watched.version ??= (await this.#users.find(tenantId, userId))?.version ?? 0
      return unsubscribe
    } catch (error) {
      unsubscribe()
      throw error
    }
  }

  #refreshSoon(watched: Watched): void {
    this.#refresh([watched]).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'unable to read a changed user; the next poll tries again')
    })
  }

  /** Reads the users in one statement, which all look-ups of one turn share. */
  async #refresh(watched: Watched[]): Promise<void> {
    const rows = await Promise.all(watched.map(({ tenantId, userId }) => this.#users.find(tenantId, userId)))
    for (const row of rows) {
      const known = row && this.#watched.get(userChannel(row.tenant_id, row.id))
      if (!known || (known.version !== undefined && row.version <= known.version)) continue
      known.version = row.version
      for (const listener of known.listeners) listener.onChange(row)
    }
  }
}
