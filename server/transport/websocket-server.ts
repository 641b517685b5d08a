import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type AnyTRPCRouter,
  getErrorShape,
  getTRPCErrorFromUnknown,
  type inferRouterContext,
  type TRPCError,
  transformTRPCResponse,
} from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { TRPCRequestInfo } from '@trpc/server/http'
import { type WebSocket, WebSocketServer } from 'ws'
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

export interface WebSocketServerOptions<TRouter extends AnyTRPCRouter> extends UpgradeRules {
  router: TRouter
  /** Decides about a new connection from its first message. @throws TRPCError to refuse it */
  admit(req: IncomingMessage, params: ConnectionParams): Promise<Admission<inferRouterContext<TRouter>>>
  /** The WebSocket close code for an error that ends a connection. */
  closeCodeOf(error: TRPCError): number
  /** What a connection is told that has not said who it is in time. */
  lateError: () => TRPCError
  /** What connections are told when the server stops. */
  stopError: () => TRPCError
  /** Bytes of one message. */
  maxPayload: number
  /** Calls in one message. */
  maxBatchSize: number
  authDeadlineMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  onError(error: unknown): void
}

/**
 * A tRPC router over WebSocket, on a server that also speaks HTTP. A connection passes through: the upgrade, guarded; the first
 * message with its `connectionParams`, within a deadline; calls and subscriptions; its end. Whoever is sent away is first told why,
 * in a message with `id: null`: to a bare close the stock client answers with hundreds of reconnects a second.
 */
export class WebSocketTransport<TRouter extends AnyTRPCRouter> {
  readonly #options: WebSocketServerOptions<TRouter>
  readonly #wss: WebSocketServer
  readonly #deadlines = new WeakMap<WebSocket, ReturnType<typeof setTimeout>>()

  constructor(options: WebSocketServerOptions<TRouter>) {
    this.#options = options
    this.#wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: options.maxPayload })
    this.#wss.on('connection', (client) => this.#guard(client))
    applyWSSHandler<TRouter>({
      wss: this.#wss,
      router: options.router,
      keepAlive: { enabled: true, ...options.keepAlive },
      maxBatchSize: options.maxBatchSize,
      createContext: ({ req, res, info }) => this.#admit(req, res, info.connectionParams),
    })
  }

  get connections(): number {
    return this.#wss.clients.size
  }

  attach(server: Server): void {
    server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket, head))
  }

  /** Tells every connection, and resolves when all are gone; who does not answer is cut off. */
  async close(graceMs: number): Promise<void> {
    const gone = [...this.#wss.clients].map((client) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const cut = setTimeout(() => client.terminate(), graceMs)
      client.once('close', () => {
        clearTimeout(cut)
        resolve()
      })
      this.#refuse(client, this.#options.stopError())
      return promise
    })
    await Promise.all(gone)
    this.#wss.close()
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // First of all: a socket without this listener ends the process when the peer resets it.
    socket.on('error', () => socket.destroy())
    const refusal = refuseUpgrade(req, this.#options)
    if (refusal) return answerRefusal(socket, refusal)
    this.#wss.handleUpgrade(req, socket, head, (client) => this.#wss.emit('connection', client, req))
  }

  #guard(client: WebSocket): void {
    client.on('error', (error) => this.#options.onError(error))
    const deadline = setTimeout(() => this.#refuse(client, this.#options.lateError()), this.#options.authDeadlineMs)
    this.#deadlines.set(client, deadline)
    client.once('close', () => clearTimeout(deadline))
  }

  async #admit(
    req: IncomingMessage,
    client: WebSocket,
    params: ConnectionParams,
  ): Promise<inferRouterContext<TRouter>> {
    try {
      const { context, signal, release } = await this.#options.admit(req, params)
      clearTimeout(this.#deadlines.get(client))
      if (client.readyState === client.OPEN) client.once('close', release)
      else release()
      signal.addEventListener('abort', () => this.#refuse(client, signal.reason), { once: true })
      if (signal.aborted) this.#refuse(client, signal.reason)
      return context
    } catch (error) {
      this.#refuse(client, error)
      throw error
    }
  }

  /** The error, then the close. */
  #refuse(client: WebSocket, cause: unknown): void {
    if (client.readyState !== client.OPEN) return
    const error = getTRPCErrorFromUnknown(cause)
    const config = this.#options.router._def._config
    const shape = getErrorShape({ config, error, type: 'unknown', path: undefined, input: undefined, ctx: undefined })
    client.send(JSON.stringify(transformTRPCResponse(config, { id: null, error: shape })))
    client.close(this.#options.closeCodeOf(error), shape.message.slice(0, 100))
  }
}
