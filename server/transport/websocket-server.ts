import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AnyTRPCRouter, type inferRouterContext, TRPCError } from '@trpc/server'
import type { TRPCRequestInfo } from '@trpc/server/http'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { AnnouncedWebSocket } from './announced-web-socket.ts'
import { getWSConnectionHandler } from './apply-wss-handler.ts'
import type { Connection } from './connection.ts'
import type { AdmittedBounds, ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import type { TransportCounts } from './handler-options.ts'
import { KeyedBuckets } from './keyed-buckets.ts'
import { KeyedCount } from './keyed-count.ts'
import { answerPings } from './pong.ts'
import type { Rate } from './token-bucket.ts'
import { answerRefusal, type Refusal, refuseUpgrade, type UpgradeRules } from './upgrade-guard.ts'

/** A connection that was let in: the context of its calls, and when it has to end. */
export interface Admission<TContext> {
  context: TContext
  /** Aborts when the connection must end; the reason is the TRPCError that the client is told. */
  signal: AbortSignal
  /** Runs when the connection is gone, whoever ended it. */
  release(): void
  /** What this connection may do, in place of what others may. */
  limits?: AdmittedBounds
}

/** A connection that is gone. */
export interface ClosedConnection<TContext> {
  id: string
  req: IncomingMessage
  /** The close code: this side's own where it ended the connection, else what the peer sent, or 1005 and 1006 for none. */
  code: number
  /** Why this side ended it. */
  error: TRPCError | undefined
  lastedMs: number
  /** Undefined where it was never let in. */
  context: TContext | undefined
}

/** Takes note of what happens to connections. Must not throw. */
export interface ConnectionListener<TContext> {
  onOpen?(opened: { id: string; req: IncomingMessage }): void
  onClose?(closed: ClosedConnection<TContext>): void
  /** A request was answered in HTTP instead of being upgraded. */
  onUpgradeRefused?(req: IncomingMessage, refusal: Refusal): void
}

/** What a client says of itself in its first message. */
export type ConnectionParams = TRPCRequestInfo['connectionParams']

/** Bounds of one connection, and of how many there are. What is left out is not limited. */
export interface TransportLimits extends ConnectionBounds {
  /** Calls in one message. */
  maxBatchSize?: number
  maxConnectionsPerUser?: number
  /** Calls of one user over all connections, whatever becomes of them. Beyond it none of these is read for a moment. */
  userCallRate?: Rate
  maxConnectionsPerAddress?: number
}

export interface WebSocketServerOptions<TRouter extends AnyTRPCRouter> extends UpgradeRules {
  router: TRouter
  /** Decides about a new connection from its first message. @throws TRPCError to refuse it */
  admit(req: IncomingMessage, params: ConnectionParams, id: string): Promise<Admission<inferRouterContext<TRouter>>>
  listener?: ConnectionListener<inferRouterContext<TRouter>>
  limits: TransportLimits
  /** What is said to who has too much of something. */
  overLimit(limit: ConnectionLimit): TRPCError
  /** The WebSocket close code for an error that ends a connection, and for the limit if that was the reason. */
  closeCodeOf(error: TRPCError, limit: ConnectionLimit | undefined): number
  /** Whose connection it is, for `maxConnectionsPerUser`. */
  userOf?(context: inferRouterContext<TRouter>): string | null
  /** Where they are counted by user, with others that are not WebSockets; among themselves unless given. */
  connectionsOfUser?: KeyedCount
  /** Where it comes from, for `maxConnectionsPerAddress`; the peer's address unless given. A proxy in front needs one that knows it. */
  addressOf?(req: IncomingMessage): string | undefined
  /** The same by address. */
  connectionsOfAddress?: KeyedCount
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
/** Fragments of one message: they are read without a turn in between. More, and the connection is closed with 1008. */
const MAX_FRAGMENTS = 256
/** Reads of the socket that wait for the end of their frame, each an object however little it holds. Beyond it the same. */
const MAX_CHUNKS = 4_096
const TOLD_A_TURN = 50
const TURN_MS = 50

interface Guest<TContext> {
  connection: Connection
  deadline: ReturnType<typeof setTimeout>
  number: number
  openedAt: number
  context: TContext | undefined
}

/**
 * A tRPC router over WebSocket, on a server that also speaks HTTP. A connection passes through: the upgrade, guarded; the first
 * message with its `connectionParams`, within a deadline; calls and subscriptions, within its bounds; its end, which it is told the
 * reason of. (`Connection` has the rest.)
 */
export class WebSocketTransport<TRouter extends AnyTRPCRouter> {
  readonly #options: WebSocketServerOptions<TRouter>
  readonly #wss: WebSocketServer
  readonly #guests = new Map<WebSocket, Guest<inferRouterContext<TRouter>>>()
  /** Counts up while connections are served. */
  readonly counts: TransportCounts = { deliveries: 0 }
  /** Names this server in the ids of its connections, so that they differ between processes. */
  readonly #name = randomBytes(4).toString('hex')
  #opened = 0
  readonly #ofUser: KeyedCount
  readonly #callsOfUser = new KeyedBuckets()
  readonly #ofAddress: KeyedCount

  constructor(options: WebSocketServerOptions<TRouter>) {
    const { router, limits, keepAlive } = options
    this.#options = options
    this.#ofUser = options.connectionsOfUser ?? new KeyedCount()
    this.#ofAddress = options.connectionsOfAddress ?? new KeyedCount()
    const { maxFrameBytes } = limits
    const server: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      perMessageDeflate: false,
      autoPong: false,
      // One frame of each connection a turn: a single read of a socket can hold ten thousand, and a turn reads many sockets.
      allowSynchronousEvents: false,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_CHUNKS,
      closeTimeout: CLOSE_WAIT_MS,
      WebSocket: AnnouncedWebSocket,
      // Somewhat too large is still read, so that its sender can see the error before it is done sending.
      ...(maxFrameBytes === undefined ? {} : { maxPayload: 2 * maxFrameBytes }),
    }
    this.#wss = new WebSocketServer(server)
    const serve = getWSConnectionHandler<TRouter>({
      ...limits,
      wss: this.#wss,
      counts: this.counts,
      router,
      keepAlive: { enabled: true, ping: 'control', ...keepAlive },
      overLimit: (limit) => options.overLimit(limit),
      closeCodeOf: (error, limit) => options.closeCodeOf(error, limit),
      onError: ({ error, type }) => {
        if (type === 'unknown') options.onError(error)
      },
      // A connection without `connectionParams` asks while it is being made: it is a guest when that is done.
      createContext: ({ req, res, info }) => Promise.resolve().then(() => this.#admit(req, res, info.connectionParams)),
    })
    this.#wss.on('connection', (client, req) => this.#welcome(serve(client, req)))
  }

  get connections(): number {
    return this.#wss.clients.size
  }

  attach(server: Server): void {
    server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket, head))
  }

  /**
   * Tells every connection, and resolves when all are gone; who does not answer in `graceMs` is cut off. Many are told a thousand a
   * second, or faster where that would take longer than `spreadMs`, so that they don't all come back at once; meanwhile the others
   * are served.
   */
  async close({ graceMs, spreadMs }: { graceMs: number; spreadMs: number }): Promise<void> {
    // First, so that who comes back at once is not let in again.
    this.#wss.close()
    const guests = [...this.#guests.values()]
    const perTurn = Math.max(TOLD_A_TURN, Math.ceil((guests.length * TURN_MS) / spreadMs))
    const gone: Promise<void>[] = []
    for (let from = 0; from < guests.length; from += perTurn) {
      if (from > 0) await sleep(TURN_MS)
      for (const { connection } of guests.slice(from, from + perTurn)) gone.push(this.#dismiss(connection, graceMs))
    }
    await Promise.all(gone)
  }

  async #dismiss(connection: Connection, graceMs: number): Promise<void> {
    const { client } = connection
    if (client.readyState === client.CLOSED) return
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    client.once('close', () => resolve())
    const cut = setTimeout(() => client.terminate(), graceMs)
    connection.refuse(this.#options.stopError())
    await gone
    clearTimeout(cut)
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // First of all: a socket without this listener ends the process when the peer resets it.
    socket.on('error', () => socket.destroy())
    const refusal = refuseUpgrade(req, this.#options)
    if (refusal) {
      this.#options.listener?.onUpgradeRefused?.(req, refusal)
      return answerRefusal(socket, refusal)
    }
    this.#wss.handleUpgrade(req, socket, head, (client) => this.#wss.emit('connection', client, req))
  }

  #welcome(connection: Connection): void {
    const { client, req } = connection
    answerPings(client)
    const { authDeadlineMs, lateError, addressOf, listener } = this.#options
    const deadline = setTimeout(() => connection.refuse(lateError()), authDeadlineMs)
    const guest = { connection, deadline, number: ++this.#opened, openedAt: performance.now(), context: undefined }
    this.#guests.set(client, guest)
    client.once('close', (code) => {
      clearTimeout(deadline)
      this.#guests.delete(client)
      listener?.onClose?.(this.#closed(guest, code))
    })
    listener?.onOpen?.({ id: this.#idOf(guest), req })
    const address = addressOf ? addressOf(req) : req.socket.remoteAddress
    this.#count(connection, this.#ofAddress, address, 'connectionsPerAddress')
  }

  async #admit(
    req: IncomingMessage,
    client: WebSocket,
    params: ConnectionParams,
  ): Promise<inferRouterContext<TRouter>> {
    const guest = this.#guests.get(client)
    if (!guest) throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' })
    const { context, signal, release, limits } = await this.#options.admit(req, params, this.#idOf(guest))
    if (client.readyState !== client.OPEN) {
      release()
      return context
    }
    client.once('close', release)
    clearTimeout(guest.deadline)
    guest.context = context
    const { connection } = guest
    if (limits) connection.allow(limits)
    const user = this.#options.userOf?.(context)
    connection.user = user ?? undefined
    const rate = limits?.userCallRate ?? this.#options.limits.userCallRate
    if (connection.user !== undefined && rate) connection.callsOfUser = this.#callsOfUser.of(connection.user, rate)
    this.#count(connection, this.#ofUser, user, 'connectionsPerUser')
    signal.addEventListener('abort', () => connection.refuse(signal.reason), { once: true })
    if (signal.aborted) connection.refuse(signal.reason)
    return context
  }

  /** Unlike any other's, also of other processes. */
  #idOf({ number }: Guest<inferRouterContext<TRouter>>): string {
    return `${this.#name}-${number}`
  }

  #closed(guest: Guest<inferRouterContext<TRouter>>, code: number): ClosedConnection<inferRouterContext<TRouter>> {
    const { connection, openedAt, context } = guest
    const { req, ending } = connection
    const lastedMs = Math.round(performance.now() - openedAt)
    return { id: this.#idOf(guest), req, code: ending?.code ?? code, error: ending?.error, lastedMs, context }
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
