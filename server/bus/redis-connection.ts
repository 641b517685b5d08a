import { createClient, type RedisClientType } from 'redis'
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

  /** Connects; `onEcho` is told of every echo that comes in. @throws where a server can't be reached, or is not what it was found to be */
  async open(onEcho: () => void): Promise<void> {
    const opening = this.#each().map(async (server) => {
      await server.client.connect()
      await this.#redis.confirm(server.client)
      await server.client.sSubscribe(server.echoName, () => {
        server.isHeard = true
        onEcho()
      })
    })
    await Promise.all(opening)
  }

  /** To the server that holds a key or a channel. */
  clientOf(name: string): RedisClientType | undefined {
    return this.#servers.get(this.#redis.addressOf(name))?.client
  }

  async subscribe(name: string, receiver: (text: string, name: string) => void): Promise<void> {
    await this.clientOf(name)?.sSubscribe(name, receiver)
  }

  /** Says something to itself through every server, and asks it whether it is still what it was found to be. */
  probe(): void {
    for (const server of this.#each()) {
      server.isHeard = false
      server.client.sPublish(server.echoName, 'echo').catch(() => undefined)
      this.#redis.confirm(server.client).catch((error: unknown) => this.end(error))
    }
  }

  /** Idempotent. */
  end(reason: unknown): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(reason)
    for (const { client } of this.#each()) if (client.isOpen) client.destroy()
  }

  #each(): Server[] {
    return [...this.#servers.values()]
  }

  #newClient(url: string, connectTimeout: number): RedisClientType {
    const client: RedisClientType = createClient({
      url,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      socket: { connectTimeout, reconnectStrategy: false },
    })
    client.on('error', (error) => this.end(error))
    client.on('end', () => this.end(new Error('Redis closed the connection')))
    client.on('sharded-channel-moved', () => this.end(new Error('The slots of the Redis Cluster are moving')))
    return client
  }
}
