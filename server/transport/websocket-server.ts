import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyTRPCRouter, inferRouterContext, TRPCError } from '@trpc/server'
import type { TRPCRequestInfo } from '@trpc/server/http'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { AnnouncedWebSocket } from './announced-web-socket.ts'
import { getWSConnectionHandler } from './apply-wss-handler.ts'
import type { Connection } from './connection.ts'
import type { ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import { KeyedCount } from './keyed-count.ts'
import { answerRefusal, refuseUpgrade, type UpgradeRules } from './upgrade-guard.ts'

/** A connection that was let in: the context of its calls, and when it has to end. */
export interface Admission<TContext> {
  context: TContext
  /** Aborts when the connection must end; the reason is the TRPCError that the client is told. */
  signal: AbortSignal
  /** Runs when the connection is gone, whoever ended it. */
  release(): void
}

/** What a client says of itself in its first message. */
export type ConnectionParams = TRPCRequestInfo['connectionParams']

/** Bounds of one connection, and of how many there are. What is left out is not limited. */
export interface TransportLimits extends ConnectionBounds {
  /** Calls in one message. */
  maxBatchSize?: number
  maxConnectionsPerUser?: number
  maxConnectionsPerAddress?: number
}

export interface WebSocketServerOptions<TRouter extends AnyTRPCRouter> extends UpgradeRules {
  router: TRouter
  /** Decides about a new connection from its first message. @throws TRPCError to refuse it */
  admit(req: IncomingMessage, params: ConnectionParams): Promise<Admission<inferRouterContext<TRouter>>>
  limits: TransportLimits
  /** What is said to who has too much of something. */
  overLimit(limit: ConnectionLimit): TRPCError
  /** The WebSocket close code for an error that ends a connection, and for the limit if that was the reason. */
  closeCodeOf(error: TRPCError, limit: ConnectionLimit | undefined): number
  /** Whose connection it is, for `maxConnectionsPerUser`. */
  userOf?(context: inferRouterContext<TRouter>): string | null
  /** Where it comes from, for `maxConnectionsPerAddress`; the peer's address unless given. A proxy in front needs one that knows it. */
  addressOf?(req: IncomingMessage): string | undefined
  /** What a connection is told that has not said who it is in time. */
  lateError: () => TRPCError
  /** What connections are told when the server stops. */
  stopError: () => TRPCError
  authDeadlineMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  onError(error: unknown): void
}

/** How long a peer that was told to go may take to answer the close. */
const CLOSE_WAIT_MS = 10_000

interface Guest {
  connection: Connection
  deadline: ReturnType<typeof setTimeout>
}

/**
 * A tRPC router over WebSocket, on a server that also speaks HTTP. A connection passes through: the upgrade, guarded; the first
 * message with its `connectionParams`, within a deadline; calls and subscriptions, within its bounds; its end, which it is told the
 * reason of. (`Connection` has the rest.)
 */
export class WebSocketTransport<TRouter extends AnyTRPCRouter> {
  readonly #options: WebSocketServerOptions<TRouter>
  readonly #wss: WebSocketServer
  readonly #guests = new Map<WebSocket, Guest>()
  readonly #ofUser = new KeyedCount()
  readonly #ofAddress = new KeyedCount()

  constructor(options: WebSocketServerOptions<TRouter>) {
    const { router, limits, keepAlive } = options
    this.#options = options
    const { maxFrameBytes } = limits
    const server: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      perMessageDeflate: false,
      closeTimeout: CLOSE_WAIT_MS,
      WebSocket: AnnouncedWebSocket,
      // Somewhat too large is still read, so that its sender can see the error before it is done sending.
      ...(maxFrameBytes === undefined ? {} : { maxPayload: 2 * maxFrameBytes }),
    }
    this.#wss = new WebSocketServer(server)
    const serve = getWSConnectionHandler<TRouter>({
      ...limits,
      wss: this.#wss,
      router,
      keepAlive: { enabled: true, ping: 'control', ...keepAlive },
      overLimit: (limit) => options.overLimit(limit),
      closeCodeOf: (error, limit) => options.closeCodeOf(error, limit),
      onError: ({ error, type }) => {
        if (type === 'unknown') options.onError(error)
      },
      createContext: ({ req, res, info }) => this.#admit(req, res, info.connectionParams),
    })
    this.#wss.on('connection', (client, req) => this.#welcome(serve(client, req)))
  }

  get connections(): number {
    return this.#wss.clients.size
  }

  attach(server: Server): void {
    server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket, head))
  }

  /** Tells every connection, and resolves when all are gone; who does not answer is cut off. */
  async close(graceMs: number): Promise<void> {
    // First, so that who comes back at once is not let in again.
    this.#wss.close()
    const gone = [...this.#guests.values()].map(({ connection }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const cut = setTimeout(() => connection.client.terminate(), graceMs)
      connection.client.once('close', () => {
        clearTimeout(cut)
        resolve()
      })
      connection.refuse(this.#options.stopError())
      return promise
    })
    await Promise.all(gone)
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // First of all: a socket without this listener ends the process when the peer resets it.
    socket.on('error', () => socket.destroy())
    const refusal = refuseUpgrade(req, this.#options)
    if (refusal) return answerRefusal(socket, refusal)
    this.#wss.handleUpgrade(req, socket, head, (client) => this.#wss.emit('connection', client, req))
  }

  #welcome(connection: Connection): void {
    const { client, req } = connection
    const { authDeadlineMs, lateError, addressOf } = this.#options
    const deadline = setTimeout(() => connection.refuse(lateError()), authDeadlineMs)
    this.#guests.set(client, { connection, deadline })
    client.once('close', () => {
      clearTimeout(deadline)
      this.#guests.delete(client)
    })
    const address = addressOf ? addressOf(req) : req.socket.remoteAddress
    this.#count(connection, this.#ofAddress, address, 'connectionsPerAddress')
  }

  async #admit(
    req: IncomingMessage,
    client: WebSocket,
    params: ConnectionParams,
  ): Promise<inferRouterContext<TRouter>> {
    const { context, signal, release } = await this.#options.admit(req, params)
    const guest = this.#guests.get(client)
    if (!guest || client.readyState !== client.OPEN) {
      release()
      return context
    }
    client.once('close', release)
    clearTimeout(guest.deadline)
    const { connection } = guest
    this.#count(connection, this.#ofUser, this.#options.userOf?.(context), 'connectionsPerUser')
    signal.addEventListener('abort', () => connection.refuse(signal.reason), { once: true })
    if (signal.aborted) connection.refuse(signal.reason)
    return context
  }

  /** Counts a connection for as long as it lives, and refuses the one that is too many. */
  #count(
    connection: Connection,
    counts: KeyedCount,
    key: string | null | undefined,
    limit: 'connectionsPerUser' | 'connectionsPerAddress',
  ): void {
    if (key === undefined || key === null) return
    connection.client.once('close', () => counts.remove(key))
    const { limits, overLimit } = this.#options
    const max = limit === 'connectionsPerUser' ? limits.maxConnectionsPerUser : limits.maxConnectionsPerAddress
    if (counts.add(key) > (max ?? Infinity)) connection.refuse(overLimit(limit), limit)
  }
}
