import type { RedisClientType } from 'redis'
import { newRedisClient } from './redis-client.ts'
import type { RedisServers } from './redis-servers.ts'

interface Server {
  client: RedisClientType
  /** A channel that nobody else listens to, and that this server holds. */
  echoName: string
  isHeard: boolean
}

/** One connection to Redis: to its server, or to every master of a cluster. It ends as a whole when any of them does. */
export class RedisConnection {
  readonly #redis: RedisServers
  readonly #servers: Map<string, Server>
  readonly #ended = new AbortController()
  readonly #waiting = new Set<() => void>()

  /** @param echoName names for channels of this connection, as many as it takes to have one on every server */
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

  /** Aborted with why it ended. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** Whether every server has brought the latest echo. */
  get isHeard(): boolean {
    return this.#each().every((server) => server.isHeard)
  }

  /** Connects; `onEcho` is told of every echo that comes in. It ends where a server can't be reached, or is not what it was found to be. */
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

  /** To the server that holds a key or a channel. */
  clientOf(name: string): RedisClientType | undefined {
    return this.#servers.get(this.#redis.addressOf(name))?.client
  }

  /** Resolves when it is done, or the connection has ended: as it does where Redis refuses. */
  async subscribe(names: string[], receiver: (text: string, name: string) => void): Promise<void> {
    const groups = Map.groupBy(names, (name) => this.#redis.groupOf(name)).values()
    const subscribing = Array.from(groups, async (group) => {
      await this.clientOf(group[0] ?? '')?.sSubscribe(group, receiver)
    })
    await this.#orEnd(Promise.all(subscribing))
  }

  /** Says something to itself through every server, and asks it whether it is still what it was found to be. */
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

  /** Not by the signal, to which every listener takes longer to add than the one before. */
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
