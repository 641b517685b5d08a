import type { RedisClientType } from 'redis'
import { newRedisClient } from './redis-client.ts'
import type { RedisServers } from './redis-servers.ts'

interface Server {
  client: RedisClientType
  /** A channel that only this connection listens to, and that this server holds. */
  echoName: string
  isHeard: boolean
}

/** One connection to Redis: to its server, or to every master of a cluster. All of it ends when any part does. */
export class RedisConnection {
  readonly #redis: RedisServers
  readonly #servers: Map<string, Server>
  readonly #ended = new AbortController()
  readonly #waiting = new Set<() => void>()

  /** @param echoName names for this connection's echo channels, tried until every server has one */
  constructor(redis: RedisServers, connectMs: number, echoName: (attempt: number) => string) {
    this.#redis = redis
    const servers = redis.addresses.map((address): [string, Server] => {
      let attempt = 0
      while (redis.addressOf(echoName(attempt)) !== address) attempt++
      const client = this.#newClient(address, connectMs)
      return [address, { client, echoName: echoName(attempt), isHeard: false }]
    })
    this.#servers = new Map(servers)
  }

  /** Aborts when the connection ends, with the cause as its reason. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** Whether every server has returned the latest echo. */
  get isHeard(): boolean {
    return this.#each().every((server) => server.isHeard)
  }

  /** Connects and calls `onEcho` for every echo. The connection ends if a server is unreachable or its role has changed. */
  async open(onEcho: () => void): Promise<void> {
    const opening = this.#each().map(async (server) => {
      await server.client.connect()
      await this.#redis.confirm(server.client)
      await server.client.sSubscribe(server.echoName, () => {
        server.isHeard = true
        onEcho()
      })
    })
    await this.#orEnd(Promise.all(opening))
  }

  /** The client for the server that holds a key or channel. */
  clientOf(name: string): RedisClientType | undefined {
    return this.#servers.get(this.#redis.addressOf(name))?.client
  }

  /** Resolves when the channels are subscribed or the connection has ended, which a refusal by Redis causes as well. */
  async subscribe(names: string[], receiver: (text: string, name: string) => void): Promise<void> {
    const groups = Map.groupBy(names, (name) => this.#redis.groupOf(name)).values()
    const subscribing = Array.from(groups, async (group) => {
      await this.clientOf(group[0] ?? '')?.sSubscribe(group, receiver)
    })
    await this.#orEnd(Promise.all(subscribing))
  }

  /** Sends an echo through every server and checks that each still has the role it was found with. */
  probe(): void {
    for (const server of this.#each()) {
      server.isHeard = false
      server.client.sPublish(server.echoName, 'echo').catch(() => undefined)
      void this.#orEnd(this.#redis.confirm(server.client))
    }
  }

  /** Idempotent. */
  end(reason: unknown): void {
    this.#ended.abort(reason)
    for (const resolve of this.#waiting) resolve()
  }

  /** Avoids the signal: each listener on it takes longer to add than the one before. */
  async #orEnd(work: Promise<unknown>): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    if (this.ended.aborted) resolve()
    this.#waiting.add(resolve)
    try {
      await Promise.race([ended, work])
    } catch (error) {
      this.end(error)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  #each(): Server[] {
    return [...this.#servers.values()]
  }

  #newClient(url: string, connectMs: number): RedisClientType {
    const client = newRedisClient(url, connectMs, this.ended)
    client.on('error', (error) => this.end(error))
    client.on('end', () => this.end(new Error('Redis closed the connection')))
    client.on('sharded-channel-moved', () => this.end(new Error('The slots of the Redis Cluster are moving')))
    return client
  }
}
