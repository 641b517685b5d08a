import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { WIRE_LIMITS } from '../../shared/wire-limits.ts'
import type { AppRouter } from '../app-router.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { type Config, isDevelopment } from '../config.ts'
import type { ChatError } from '../errors/chat-error.ts'
import { overLimit } from '../errors/connection-errors.ts'
import type { InFlightCalls } from '../rpc/in-flight-calls.ts'
import type { ConnectionLimit } from '../transport/connection-bounds.ts'
import type { KeyedCount } from '../transport/keyed-count.ts'
import type { WebSocketTransport } from '../transport/websocket-transport.ts'
import { AddressGate } from './address-gate.ts'
import { type ConnectionTuning, createChatTransport } from './chat-transport.ts'
import { ClientAddresses } from './client-address.ts'
import { createHttpServer } from './http-server.ts'
import type { HttpTimes } from './http-times.ts'
import type { OriginRules } from './origin-rules.ts'
import type { Readiness } from './readiness.ts'
import { TrafficLog } from './traffic-log.ts'

export interface PublicServerParts {
  log: Logger
  authenticator: Authenticator
  /** Running calls over all transports. */
  calls: InFlightCalls
  /** Connections per user, WebSockets and others together. */
  connectionsOfUser: KeyedCount
  readiness(): Promise<Readiness>
  /** Adds the development routes. Only called in development. */
  extendForDevelopment(server: FastifyInstance): void
}

/** The address at which a server listens. */
export interface ListeningAddress {
  url: string
  port: number
}

/** Responses due within this time are still sent when the server stops. */
const ANSWER_GRACE_MS = 500
/** Time for a connection to close after it was told to. */
const CLOSE_GRACE_MS = 2_000
/** Connections are told one after another, spread over at most this time. */
const CLOSE_SPREAD_MS = 4_000

/** The server that clients connect to: HTTP and WebSockets on one port. */
export class PublicServer {
  readonly transport: WebSocketTransport<AppRouter>
  readonly traffic: TrafficLog
  readonly #config: Config
  readonly #times: HttpTimes
  readonly #limits: ConnectionTuning['limits']
  readonly #parts: PublicServerParts
  readonly #addresses: ClientAddresses
  readonly #gate: AddressGate
  readonly #origins: OriginRules
  #http: FastifyInstance | undefined

  constructor(config: Config, tuning: ConnectionTuning & { http: HttpTimes }, parts: PublicServerParts) {
    this.#config = config
    this.#times = tuning.http
    this.#limits = tuning.limits
    this.#parts = parts
    this.#addresses = new ClientAddresses(config.trustProxy)
    this.#gate = new AddressGate(this.#addresses, config.connectionsPerAddress || Infinity)
    this.#origins = { allowed: config.allowedOrigins, isDevelopment: isDevelopment(config) }
    this.traffic = new TrafficLog(parts.log, this.#addresses)
    this.transport = createChatTransport(
      {
        authenticator: parts.authenticator,
        origins: this.#origins,
        addresses: this.#addresses,
        gate: this.#gate,
        traffic: this.traffic,
        connectionsOfUser: parts.connectionsOfUser,
        isCounting: config.rateLimit,
        overLimit: (limit) => this.#overLimit(limit),
      },
      tuning,
    )
  }

  /** Resolves with the address when calls are answered. @throws Error if the port is taken or not permitted */
  async listen(): Promise<ListeningAddress> {
    const { port, host } = this.#config
    this.#http = await this.#createHttp()
    this.transport.attach(this.#http.server)
    await this.#http.listen({ port, host })
    return addressOf(this.#http, host)
  }

  /**
   * Stops accepting connections, sends responses that are nearly ready, tells each WebSocket to come back later, which ends its
   * streams, and ends the remaining requests.
   */
  async close(): Promise<void> {
    this.#http?.server.close()
    await this.#parts.calls.idle(ANSWER_GRACE_MS)
    await this.transport.close({ graceMs: CLOSE_GRACE_MS, spreadMs: CLOSE_SPREAD_MS })
    await this.#http?.close()
  }

  #createHttp(): Promise<FastifyInstance> {
    const { log, authenticator, readiness, extendForDevelopment } = this.#parts
    return createHttpServer({
      createContext: ({ req, info }) =>
        authenticator.contextOfRequest(req.headers.authorization, info.connectionParams, { requestId: req.id }),
      readiness,
      origins: this.#origins,
      bodyLimit: WIRE_LIMITS.frameBytes,
      maxBatchSize: WIRE_LIMITS.batch,
      batchError: () => this.#overLimit('batchSize'),
      callLimits: this.#limits,
      maxConnections: this.#config.maxConnections,
      gate: this.#gate,
      times: this.#times,
      isTrustedProxy: (address) => this.#addresses.isTrusted(address),
      onResponse: (answered) => this.traffic.onResponse(answered),
      onError: (error, requestId) => log.error({ err: error, requestId }, 'unable to answer a request'),
      ...(isDevelopment(this.#config) ? { extend: extendForDevelopment } : {}),
    })
  }

  #overLimit(limit: ConnectionLimit): ChatError {
    this.traffic.onOverLimit(limit)
    return overLimit(limit)
  }
}

function addressOf(server: FastifyInstance, host: string): ListeningAddress {
  const address: AddressInfo | string | null = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${port}`, port }
}
