import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AnyTRPCRouter, type inferRouterContext, TRPCError } from '@trpc/server'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { FlushingWebSocket, getWSConnectionHandler } from './apply-wss-handler.ts'
import type { Connection } from './connection.ts'
import type { ConnectionParams } from './connection-context.ts'
import type { TransportCounts } from './handler-core.ts'
import { answerPings } from './keep-alive.ts'
import { KeyedBuckets } from './keyed-buckets.ts'
import { KeyedCount } from './keyed-count.ts'
import type { Admission, ClosedConnection, WebSocketTransportOptions } from './transport-options.ts'
import { answerRefusal, refuseUpgrade } from './upgrade-guard.ts'

/** How long a peer may take to answer a close. */
const CLOSE_WAIT_MS = 10_000
/** Fragments of one message, which are read without a turn in between. A message with more ends the connection with 1008. */
const MAX_FRAGMENTS = 256
/**
 * Reads of the socket that wait for the end of their frame; each is an object, however small. More end the connection the same
 * way.
 */
const MAX_CHUNKS = 4_096
const TOLD_A_TURN = 50
const TURN_MS = 50

interface OpenConnection<TContext> {
  id: string
  connection: Connection
  /** Ends the connection unless it is admitted in time. */
  deadline: ReturnType<typeof setTimeout>
  openedAt: number
  /** Undefined until it is admitted. */
  context: TContext | undefined
}

/**
 * Serves a tRPC router over WebSocket, on a server that also speaks HTTP. A connection goes through these steps: the upgrade,
 * which is guarded; the first message with its `connectionParams`, within a deadline; calls and subscriptions, within its bounds;
 * and its end, with the reason. `Connection` has what lies in between.
 */
export class WebSocketTransport<TRouter extends AnyTRPCRouter> {
  readonly #options: WebSocketTransportOptions<TRouter>
  readonly #wss: WebSocketServer
  readonly #open = new Map<WebSocket, OpenConnection<inferRouterContext<TRouter>>>()
  /** Counts up while connections are served. */
  readonly counts: TransportCounts = { deliveries: 0 }
  /** Makes the ids of connections differ from those of other processes. */
  readonly #name = randomBytes(4).toString('hex')
  #opened = 0
  readonly #ofUser: KeyedCount
  readonly #callsOfUser = new KeyedBuckets()
  readonly #ofAddress: KeyedCount

  constructor(options: WebSocketTransportOptions<TRouter>) {
    const { router, limits, keepAlive } = options
    this.#options = options
    this.#ofUser = options.connectionsOfUser ?? new KeyedCount()
    this.#ofAddress = options.connectionsOfAddress ?? new KeyedCount()
    this.#wss = new WebSocketServer(serverOptions(limits.maxFrameBytes))
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
      // A connection without `connectionParams` asks for its context while it is being made, before it is in #open.
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
   * Tells every connection to go, and resolves when all are gone. A peer that does not answer in `graceMs` is cut off.
   * Connections are told a thousand a second, or faster if that would take longer than `spreadMs`, so that many clients don't all
   * come back at once; the others are served meanwhile.
   */
  async close({ graceMs, spreadMs }: { graceMs: number; spreadMs: number }): Promise<void> {
    // No client that comes back at once may be let in again.
    this.#wss.close()
    const open = [...this.#open.values()]
    const perTurn = Math.max(TOLD_A_TURN, Math.ceil((open.length * TURN_MS) / spreadMs))
    const gone: Promise<void>[] = []
    for (let from = 0; from < open.length; from += perTurn) {
      if (from > 0) await sleep(TURN_MS)
      for (const { connection } of open.slice(from, from + perTurn)) gone.push(this.#dismiss(connection, graceMs))
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
    // Without this listener the process ends when the peer resets the socket.
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
    const open = {
      id: `${this.#name}-${++this.#opened}`,
      connection,
      deadline: setTimeout(() => connection.refuse(lateError()), authDeadlineMs),
      openedAt: performance.now(),
      context: undefined,
    }
    this.#open.set(client, open)
    client.once('close', (code) => {
      clearTimeout(open.deadline)
      this.#open.delete(client)
      listener?.onClose?.(closed(open, code))
    })
    listener?.onOpen?.({ id: open.id, req })
    const address = addressOf ? addressOf(req) : req.socket.remoteAddress
    this.#count(connection, this.#ofAddress, address, 'connectionsPerAddress')
  }

  async #admit(
    req: IncomingMessage,
    client: WebSocket,
    params: ConnectionParams,
  ): Promise<inferRouterContext<TRouter>> {
    const open = this.#open.get(client)
    if (!open) throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', message: 'Unable to connect; the client is gone' })
    const admission = await this.#options.admit(req, params, open.id)
    if (client.readyState === client.OPEN) this.#begin(open, admission)
    else admission.release()
    return admission.context
  }

  /** Gives a connection what its admission says, before any of its calls is parsed. */
  #begin(
    open: OpenConnection<inferRouterContext<TRouter>>,
    { context, signal, release, limits }: Admission<inferRouterContext<TRouter>>,
  ): void {
    const { connection } = open
    connection.client.once('close', release)
    clearTimeout(open.deadline)
    open.context = context
    if (limits) connection.allow(limits)
    const user = this.#options.userOf?.(context)
    if (user !== undefined && user !== null) {
      const rate = limits?.userCallRate ?? this.#options.limits.userCallRate
      connection.identify(user, rate && this.#callsOfUser.of(user, rate))
      this.#count(connection, this.#ofUser, user, 'connectionsPerUser')
    }
    signal.addEventListener('abort', () => connection.refuse(signal.reason), { once: true })
    if (signal.aborted) connection.refuse(signal.reason)
  }

  /** Counts a connection for as long as it lives, and refuses the one that is too many. */
  #count(
    connection: Connection,
    counts: KeyedCount,
    key: string | undefined,
    limit: 'connectionsPerUser' | 'connectionsPerAddress',
  ): void {
    if (key === undefined) return
    connection.client.once('close', () => counts.remove(key))
    const { limits, overLimit } = this.#options
    const max = limit === 'connectionsPerUser' ? limits.maxConnectionsPerUser : limits.maxConnectionsPerAddress
    if (counts.add(key) > (max ?? Infinity)) connection.refuse(overLimit(limit), limit)
  }
}

const serverOptions = (maxFrameBytes: number | undefined): ServerOptions & { closeTimeout: number } => ({
  noServer: true,
  perMessageDeflate: false,
  autoPong: false,
  // One frame of each connection a turn: a single read of a socket can hold ten thousand, and a turn reads many sockets.
  allowSynchronousEvents: false,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_CHUNKS,
  closeTimeout: CLOSE_WAIT_MS,
  WebSocket: FlushingWebSocket,
  // A frame that is a little too large is still read, so that its sender sees the error before it is done sending.
  ...(maxFrameBytes === undefined ? {} : { maxPayload: 2 * maxFrameBytes }),
})

function closed<TContext>(
  { id, connection, openedAt, context }: OpenConnection<TContext>,
  code: number,
): ClosedConnection<TContext> {
  const { req, closeCause } = connection
  const lastedMs = Math.round(performance.now() - openedAt)
  return { id, req, code: closeCause?.code ?? code, error: closeCause?.error, lastedMs, context }
}
