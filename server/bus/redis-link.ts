import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { RedisClientType } from 'redis'
import { backOffMs, jittered, pauseFor } from '../lib/pause.ts'
import { unlessAborted } from './redis-client.ts'
import { RedisConnection } from './redis-connection.ts'
import { findRedis, type RedisServers } from './redis-servers.ts'

/** Receives the messages of a channel. */
type Receiver = (text: string, channel: string) => void

export interface RedisLinkOptions {
  /** How often the link sends itself an echo through Redis. */
  probeMs: number
}

const DEFAULTS: RedisLinkOptions = { probeMs: 400 }
/** After this many unanswered probes in a row Redis counts as dead, whatever TCP reports. */
const SILENT_PROBES = 3
/** After this many answered probes the connection counts as steady. */
const STEADY_PROBES = 5
const CONNECT_MS = 2_000
const BACK_OFF = { firstMs: 75, longestMs: 750 }
/** Bound on text that Redis has not accepted yet. Beyond it, messages are dropped. */
const MAX_UNSENT_BYTES = 16 << 20
const SUBSCRIBE_SLICE = 500

/**
 * This node's connection to Redis, for as long as the node lives. With a cluster there is one connection to each master, and all
 * of them start and end together: a failover or a move of slots leads to a new connection, with no state in between.
 *
 *   down      no connection; published messages are dropped, and the next attempt follows after 0.1 to 1 s
 *   joining   connected; all wanted channels are being subscribed again
 *   up        the node has received its own echo
 *
 * Any mode changes to `down` on an error, and when three probes in a row bring no echo (a Redis that is frozen or behind a dead
 * network answers nothing and closes nothing). Commands never wait for a connection.
 */
type Mode = 'down' | 'joining' | 'up'

export class RedisLink {
  /** Identifies this run of this node; every start creates a new id. */
  readonly node = randomUUID()
  readonly #url: string
  readonly #log: Logger
  readonly #options: RedisLinkOptions
  readonly #stopping = new AbortController()
  readonly #receivers = new Map<string, Receiver>()
  readonly #healthListeners = new Set<() => void>()
  #mode: Mode = 'down'
  #upSince = 0
  #connection: RedisConnection | undefined
  #namespace = ''
  #unsentBytes = 0
  #running: Promise<void> | undefined
  /** Whether the current outage has been logged. */
  #isReported = false

  constructor(url: string, log: Logger, options: Partial<RedisLinkOptions> = {}) {
    this.#url = url
    this.#log = log
    this.#options = { ...DEFAULTS, ...options }
  }

  get isDown(): boolean {
    return this.#mode !== 'up'
  }

  /** When the link came up, in milliseconds of `performance.now()`. Defined only while it is up. */
  get upSince(): number {
    return this.#upSince
  }

  /** The client for commands on one key, while Redis is known to answer. Commands fail when it goes away. */
  clientOf(name: string): RedisClientType | undefined {
    return this.isDown ? undefined : this.#connection?.clientOf(name)
  }

  onHealthChange(listener: () => void): () => void {
    this.#healthListeners.add(listener)
    return () => this.#healthListeners.delete(listener)
  }

  /** The full name of a key or channel. Nodes with another namespace on the same Redis don't see it. */
  name(name: string): string {
    return `confab:${this.#namespace}:${name}`
  }

  /** Connects; resolves when it is up or the first attempt has failed. Idempotent. */
  async start(namespace: string): Promise<void> {
    if (this.#running || this.#stopping.signal.aborted) return
    this.#namespace = namespace
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    this.onHealthChange(resolve)
    this.#running = this.#run(resolve)
    await settled
    this.#healthListeners.delete(resolve)
  }

  publish(channel: string, text: string): void {
    const name = this.name(channel)
    const client = this.clientOf(name)
    if (!client || this.#unsentBytes > MAX_UNSENT_BYTES) return
    this.#unsentBytes += text.length
    const release = () => {
      this.#unsentBytes -= text.length
    }
    client.sPublish(name, text).then(release, release)
  }

  /** Resolves when Redis has accepted the subscription, or is down: it is then made on reconnect. One receiver per channel. */
  async subscribe(channel: string, receiver: Receiver): Promise<void> {
    this.#receivers.set(channel, receiver)
    await this.#connection?.subscribe([this.name(channel)], this.#receive)
  }

  unsubscribe(channel: string): void {
    this.#receivers.delete(channel)
    const name = this.name(channel)
    this.#connection
      ?.clientOf(name)
      ?.sUnsubscribe(name, this.#receive)
      .catch(() => undefined)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #enter(mode: Mode): void {
    const wasDown = this.isDown
    this.#mode = mode
    if (this.isDown === wasDown) return
    if (!this.isDown) this.#upSince = performance.now()
    for (const listener of this.#healthListeners) listener()
  }

  readonly #receive = (text: string, name: string): void => {
    const channel = name.slice(this.name('').length)
    this.#receivers.get(channel)?.(text, channel)
  }

  async #run(onFirstFailure: () => void): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      const failure = await this.#connectAndLive(() => {
        // Not earlier: while the slots of a cluster move, one connection follows another.
        failures = 0
        if (this.#isReported) this.#log.info('Redis is back')
        this.#isReported = false
      })
      this.#connection = undefined
      this.#enter('down')
      onFirstFailure()
      if (signal.aborted) return
      if (!this.#isReported) this.#log.warn({ err: failure }, 'Redis is away; nodes fall back to polling the database')
      this.#isReported = true
      await pauseFor(jittered(backOffMs(BACK_OFF, ++failures), 1 / 3), signal, { isRef: true })
    }
  }

  async #connectAndLive(onSteady: () => void): Promise<unknown> {
    const { signal } = this.#stopping
    try {
      const servers = await unlessAborted(findRedis(this.#url, { connectMs: CONNECT_MS, signal }), signal)
      return servers && (await this.#live(servers, onSteady))
    } catch (error) {
      return error
    }
  }

  /** Runs one connection from start to end; resolves with the cause of its end. */
  async #live(redis: RedisServers, onSteady: () => void): Promise<unknown> {
    const connection = new RedisConnection(redis, CONNECT_MS, (attempt) => this.name(`node:${this.node}:${attempt}`))
    const onStop = () => connection.end(undefined)
    this.#stopping.signal.addEventListener('abort', onStop, { once: true })
    const deadline = setTimeout(() => connection.end(new Error('Redis does not answer')), CONNECT_MS)
    const onEcho = () => {
      if (this.#mode === 'joining' && !connection.ended.aborted && connection.isHeard) this.#enter('up')
    }
    try {
      await connection.open(onEcho)
      if (connection.ended.aborted) return connection.ended.reason
      this.#connection = connection
      this.#enter('joining')
      await this.#join(connection, () => deadline.refresh())
      clearTimeout(deadline)
      await this.#listen(connection, onSteady)
    } finally {
      clearTimeout(deadline)
      this.#stopping.signal.removeEventListener('abort', onStop)
    }
    return connection.ended.reason
  }

  /** Subscribes all wanted channels. Channels that are added meanwhile are subscribed by their own call. */
  async #join(connection: RedisConnection, onProgress: () => void): Promise<void> {
    const channels = [...this.#receivers.keys()]
    for (let from = 0; from < channels.length && !connection.ended.aborted; from += SUBSCRIBE_SLICE) {
      const wanted = channels.slice(from, from + SUBSCRIBE_SLICE).filter((channel) => this.#receivers.has(channel))
      await connection.subscribe(
        wanted.map((channel) => this.name(channel)),
        this.#receive,
      )
      onProgress()
    }
  }

  /** Probes until echoes stop. Counts probes instead of time, so that a busy node does not blame Redis. */
  async #listen(connection: RedisConnection, onSteady: () => void): Promise<void> {
    let missed = 0
    for (let probes = 1; !connection.ended.aborted; probes++) {
      connection.probe()
      await pauseFor(this.#options.probeMs, connection.ended)
      missed = connection.isHeard ? 0 : missed + 1
      if (missed === SILENT_PROBES) connection.end(new Error('Redis has stopped answering'))
      else if (probes === STEADY_PROBES) onSteady()
    }
  }
}
