import type { Logger } from 'pino'
import type { RedisClientType } from 'redis'
import { type Bus, type BusMessage, NODES_CHANNEL, type PresenceLease, type Unsubscribe } from '../bus/bus.ts'
import { isPresenceLease } from '../bus/bus-codec.ts'
import type { RedisLink } from '../bus/redis-link.ts'
import { jittered } from '../lib/pause.ts'
import type { RemoteLeases } from './remote-leases.ts'

/** Changes are gathered for this long. */
const GATHER_MS = 50
const CHANGES_A_MESSAGE = 200
const WRITES_A_COMMAND = 500
/** The version's key in a node's hash, beside the users' channels. */
const VERSION = '#version'
/** Bound on clock differences between machines within one lease. */
const EXPIRY_SLACK_MS = 500

/**
 * Shares between nodes which users are connected to each. Each node keeps a hash of its connected users in Redis, under the id of
 * this run of the node. The hash expires as a whole: it is one lease for all users, renewed by one command, so a killed node
 * leaves no ghosts and its successor can't be mistaken for it. Every change increments the hash's version and is announced on the
 * bus; a node that missed one notices the version at the next round and reads the hash again. Every node thus has all presence in
 * memory, and reads never wait for Redis.
 *
 * A node that Redis no longer knows is gone, unless Redis itself has just come back: it may be empty, and the node may have yet
 * to write again. During an outage of Redis, the leases of other nodes are kept for twice their duration.
 */
export class PresenceExchange {
  readonly #link: RedisLink
  readonly #bus: Bus
  readonly #log: Logger
  readonly #remote: RemoteLeases
  readonly #leaseMs: number
  readonly #own = new Map<string, PresenceLease>()
  readonly #changed = new Set<string>()
  #version = 0
  /** Whether Redis has `#own` at its latest version. */
  #isWritten = false
  #answeredAt = performance.now()
  #gathering: ReturnType<typeof setTimeout> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #round: Promise<void> | undefined
  /** A change was missed. The next round comes early, and covers all further ones. */
  #isBehind = false
  #ends: Unsubscribe[] = []
  #isClosed = false

  constructor(link: RedisLink, bus: Bus, log: Logger, remote: RemoteLeases, leaseMs: number) {
    this.#link = link
    this.#bus = bus
    this.#log = log
    this.#remote = remote
    this.#leaseMs = leaseMs
  }

  /** Sets this node's lease for a user; null once the user has no connection here. */
  put(channel: string, lease: PresenceLease | null): void {
    if (lease) this.#own.set(channel, lease)
    else this.#own.delete(channel)
    this.#changed.add(channel)
    if (this.#isClosed) return
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#tellChanges()
    }, GATHER_MS).unref()
  }

  /** Joins the other nodes; resolves when this node knows who is connected. */
  async start(): Promise<void> {
    this.#ends.push(await this.#bus.subscribe(NODES_CHANNEL, (message) => this.#hear(message)))
    this.#ends.push(
      this.#bus.onHealthChange(() => {
        this.#isWritten = false
        this.#roundSoon(0)
      }),
    )
    await this.#startRound()
  }

  /** Leaves the lease to expire: the clients of a stopping node reconnect elsewhere before that. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const end of this.#ends.splice(0)) end()
    clearTimeout(this.#gathering)
    clearTimeout(this.#timer)
    await this.#round
  }

  #hear(message: BusMessage): void {
    if (message.type !== 'presence.changed' || message.node === this.#link.node) return
    const { node, base, version, leases } = message
    if (this.#remote.change(node, base, version, leases) || this.#isBehind) return
    this.#isBehind = true
    this.#roundSoon(GATHER_MS)
  }

  #key(node: string): string {
    return this.#link.name(`presence:${node}`)
  }

  /** The nodes that may have such a hash. */
  get #set(): string {
    return this.#link.name('presence-nodes')
  }

  /** The client for the server that holds a key. @throws if Redis is away */
  #client(key: string): RedisClientType {
    const client = this.#link.clientOf(key)
    if (!client) throw new Error('Redis is away')
    return client
  }

  #tellChanges(): void {
    const channels = [...this.#changed]
    this.#changed.clear()
    const client = this.#link.clientOf(this.#key(this.#link.node))
    for (let from = 0; from < channels.length; from += CHANGES_A_MESSAGE) {
      const slice = channels.slice(from, from + CHANGES_A_MESSAGE)
      const leases = slice.map((channel): [string, PresenceLease | null] => [channel, this.#own.get(channel) ?? null])
      const base = this.#version++
      if (!client || !this.#isWritten) continue
      this.#write(client, leases).catch(() => {
        this.#isWritten = false
      })
      const node = this.#link.node
      this.#bus.publish(NODES_CHANNEL, { type: 'presence.changed', node, base, version: this.#version, leases })
    }
  }

  async #write(client: RedisClientType, leases: [string, PresenceLease | null][]): Promise<void> {
    const key = this.#key(this.#link.node)
    const writing = client.multi()
    for (const [channel, lease] of leases) {
      if (lease) writing.hSet(key, channel, JSON.stringify(lease))
      else writing.hDel(key, channel)
    }
    await writing.hSet(key, VERSION, this.#version).pExpire(key, this.#leaseMs).exec()
  }

  #roundSoon(afterMs: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#startRound(), afterMs).unref()
  }

  async #startRound(): Promise<void> {
    this.#isBehind = false
    this.#round ??= this.#exchange().finally(() => {
      this.#round = undefined
    })
    await this.#round
    // Four rounds per lease: one may be lost, and a dead node is noticed within a third of a lease after its lease ended.
    this.#roundSoon(jittered(this.#leaseMs / 4, 0.2))
  }

  async #exchange(): Promise<void> {
    try {
      await this.#renew()
      await this.#readOthers()
      this.#answeredAt = performance.now()
    } catch (error) {
      this.#isWritten = false
      this.#log.debug({ err: error }, 'unable to exchange presence; trying again')
    }
    if (performance.now() - this.#answeredAt < 2 * this.#leaseMs) return
    for (const node of this.#remote.nodes) this.#remote.drop(node)
  }

  async #renew(): Promise<void> {
    const key = this.#key(this.#link.node)
    const client = this.#client(key)
    const [held] = await Promise.all([client.hLen(key), client.pExpire(key, this.#leaseMs)])
    // Changes being gathered are not counted yet, and are harmless if the whole hash is written again.
    const isInOrder = this.#isWritten && (held === this.#own.size + 1 || this.#changed.size > 0)
    if (!isInOrder) await this.#writeAll(client, key)
    // After the hash, because another node could otherwise find none and drop this one. On every round, in case one did.
    await this.#client(this.#set).sAdd(this.#set, this.#link.node)
  }

  async #writeAll(client: RedisClientType, key: string): Promise<void> {
    const writing = client.multi().del(key)
    const leases = [...this.#own]
    for (let from = 0; from < leases.length; from += WRITES_A_COMMAND) {
      const fields = leases.slice(from, from + WRITES_A_COMMAND).map(([name, each]) => [name, JSON.stringify(each)])
      writing.hSet(key, Object.fromEntries(fields))
    }
    // Before the await: changes during it are announced separately and written after it.
    this.#isWritten = true
    this.#version++
    await writing.hSet(key, VERSION, this.#version).pExpire(key, this.#leaseMs).exec()
  }

  async #readOthers(): Promise<void> {
    const nodes = new Set([...(await this.#client(this.#set).sMembers(this.#set)), ...this.#remote.nodes])
    nodes.delete(this.#link.node)
    await Promise.all(Array.from(nodes, (node) => this.#readOther(node)))
  }

  async #readOther(node: string): Promise<void> {
    const key = this.#key(node)
    const client = this.#client(key)
    const [version, leftMs] = await Promise.all([client.hGet(key, VERSION), client.pTTL(key)])
    const now = performance.now()
    if (version === null || leftMs <= 0) {
      const isRedisBackForLong = now - this.#link.upSince > this.#leaseMs
      if (!isRedisBackForLong || now < this.#remote.expiryOf(node) - EXPIRY_SLACK_MS) return
      this.#remote.drop(node)
      await this.#client(this.#set).sRem(this.#set, node)
      return
    }
    if (Number(version) !== this.#remote.versionOf(node)) this.#take(node, await client.hGetAll(key))
    this.#remote.renew(node, now + leftMs)
  }

  #take(node: string, fields: Record<string, string>): void {
    const version = Number(fields[VERSION])
    if (!Number.isSafeInteger(version) || version < this.#remote.versionOf(node)) return
    const leases = new Map<string, PresenceLease>()
    for (const [channel, text] of Object.entries(fields)) {
      const lease = channel === VERSION ? undefined : leaseOf(text)
      if (lease) leases.set(channel, lease)
    }
    this.#remote.replace(node, version, leases)
  }
}

/** Undefined for a value that another version or a foreign program has written. */
function leaseOf(text: string): PresenceLease | undefined {
  try {
    const lease: unknown = JSON.parse(text)
    return isPresenceLease(lease) ? lease : undefined
  } catch {
    return undefined
  }
}
