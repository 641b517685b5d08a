import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { CLOSE_CODES } from '../shared/close-codes.ts'
import type { ChatErrorReason } from '../shared/errors.ts'
import type { TokenRole } from '../shared/user.ts'
import { Authenticator } from './auth/authenticator.ts'
import { developmentSecret } from './auth/development-secret.ts'
import { TokenVerifier } from './auth/token-verifier.ts'
import type { Bus } from './bus/bus.ts'
import { MemoryBus } from './bus/memory-bus.ts'
import { type Config, completeConfig, isDevelopment } from './config.ts'
import { Database } from './db/connect.ts'
import { FeedHub } from './feed/feed-hub.ts'
import { Reconciler } from './feed/reconciler.ts'
import { registerDevelopmentSignIn } from './http/development-sign-in.ts'
import { createHttpServer, type Readiness } from './http/http-server.ts'
import { isAllowedOrigin } from './http/origin-rules.ts'
import { MessageWriter } from './message/message-writer.ts'
import { PresenceBoard } from './presence/presence-board.ts'
import { MarkerWriter } from './receipt/marker-writer.ts'
import { readFill } from './room-log/room-log.ts'
import { appRouter } from './rpc/app-router.ts'
import { CallCounter } from './rpc/call-counter.ts'
import { ChatError } from './rpc/chat-error.ts'
import type { Services } from './rpc/context.ts'
import { RateLimits } from './rpc/rate-limits.ts'
import { t } from './rpc/trpc.ts'
import './services.ts'
import type { ConnectionLimit } from './transport/connection-bounds.ts'
import { type TransportLimits, WebSocketTransport } from './transport/websocket-server.ts'
import { TypingBoard } from './typing/typing-board.ts'
import { ProfileSpreader } from './user/profile-spreader.ts'
import { UserDirectory } from './user/user-directory.ts'
import { UserWatch } from './user/user-watch.ts'

/** How long things take, in milliseconds; and what tests replace. */
export interface Tuning {
  /** Who is not heard of again stops typing. */
  typingExpireMs: number
  /** Who has no connection for this long is offline. */
  presenceLeaseMs: number
  /** How often the database is asked for what the bus may have lost. */
  reconcileMs: number
  /** How long an event that came too early waits for its predecessor. */
  reorderMs: number
  /** How long a room's recent events are kept when nobody follows it any more. */
  feedLingerMs: number
  /** From the upgrade to a token. */
  authDeadlineMs: number
  jwksCooldownMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  /** What one connection may do, and how many there may be. Without RATE_LIMIT, frames and calls are not counted. */
  limits: TransportLimits
  /** What all rings of recent events may hold. */
  ringBytes: number
  bus: (log: Logger) => Bus
}

const FRAME_BYTES = 512 << 10
const MAX_BATCH = 128

const DEFAULTS: Tuning = {
  typingExpireMs: 6_000,
  presenceLeaseMs: 15_000,
  reconcileMs: 2_000,
  reorderMs: 20,
  feedLingerMs: 30_000,
  authDeadlineMs: 10_000,
  jwksCooldownMs: 30_000,
  keepAlive: { pingMs: 15_000, pongWaitMs: 5_000 },
  limits: {
    maxFrameBytes: FRAME_BYTES,
    maxCallBytes: 64 << 10,
    // The stock client sends everything of one tick, and all its subscriptions after a reconnect, as one batch.
    maxBatchSize: MAX_BATCH,
    maxCalls: 64,
    maxSubscriptions: 64,
    highWaterBytes: 256 << 10,
    maxQueuedBytes: 1 << 20,
    // A client that moves its subscriptions to another connection stops and pings for each of them at once.
    frameRate: { perSecond: 100, burst: 400 },
    maxConnectionsPerUser: 100,
  },
  ringBytes: 64 << 20,
  bus: (log) => new MemoryBus(log),
}

const ANSWER_GRACE_MS = 500
const OVER_LIMIT_RETRY_MS = 500
const STOP_GRACE_MS = 2_000

/** Somebody on whose behalf code in this process calls; trusted, without a token. */
export interface Caller {
  userId: string
  tenant?: string
  role?: TokenRole
}

export type App = ReturnType<typeof createApp>

/**
 * The whole server, built from its parts and not yet started. Its first use opens the database (with the embedded Postgres where no
 * `databaseUrl` is given) and migrates it.
 *
 * @example
 * const app = createApp({ dataDir: './data' })
 * const { url } = await app.start()
 * const room = await app.createCaller({ userId: 'ada' }).room.create({ kind: 'group', name: 'Engine room' })
 * await app.stop()
 */
export function createApp(part: Partial<Config> = {}, tuning: Partial<Tuning> = {}) {
  const config = completeConfig(part)
  const options = { ...DEFAULTS, ...tuning }
  const log = pino({ level: config.logLevel, base: undefined, serializers: { err: loggedError } })
  const stopping = new AbortController()

  const database = new Database(config, log)
  const bus = options.bus(log)
  const users = new UserDirectory(database)
  const userWatch = new UserWatch(database, bus, log)
  const feeds = new FeedHub(database, bus, log, {
    readFill: (tenantId, roomId, after) => readFill(database, tenantId, roomId, after),
    reorderMs: options.reorderMs,
    lingerMs: options.feedLingerMs,
    maxBytes: options.ringBytes,
  })
  const presence = new PresenceBoard(database, log, options.presenceLeaseMs)
  const typing = new TypingBoard(bus, options.typingExpireMs)
  const profiles = new ProfileSpreader({ database, bus }, log, stopping.signal)
  const messages = new MessageWriter(database, bus)
  const markers = new MarkerWriter(database, bus, log)
  const calls = new CallCounter()
  const rateLimits = config.rateLimit ? new RateLimits() : undefined
  if (!rateLimits) log.warn('RATE_LIMIT is off: this is for load tests, not for people')
  const services: Services = {
    log,
    stopping: stopping.signal,
    calls,
    rateLimits,
    database,
    bus,
    feeds,
    messages,
    markers,
    users,
    userWatch,
    profiles,
    presence,
    typing,
  }
  const reconciler = new Reconciler([feeds, userWatch, profiles], log, options.reconcileMs)

  const secret = once(async () => config.authSecret ?? developmentSecret(config.dataDir))
  const verifier = new TokenVerifier({
    secret: config.authJwksUrl ? undefined : secret,
    jwksUrl: config.authJwksUrl,
    issuer: config.authIssuer,
    audience: config.authAudience,
    jwksCooldownMs: options.jwksCooldownMs,
  })
  const authenticator = new Authenticator(services, verifier)
  const origins = { allowed: config.allowedOrigins, isDevelopment: isDevelopment(config) }

  const transport = new WebSocketTransport({
    router: appRouter,
    path: '/trpc',
    isAllowedOrigin: (origin, host) => isAllowedOrigin(origins, origin, host),
    admit: (_req, params) => authenticator.admitConnection(params?.['token']),
    userOf: ({ session }) => session && `${session.tenantId}/${session.userId}`,
    limits: { ...options.limits, ...(config.rateLimit ? {} : { frameRate: undefined, maxCalls: undefined }) },
    overLimit: (limit) =>
      new ChatError(REASON_OF_LIMIT[limit] ?? 'RATE_LIMITED', { retryAfterMs: OVER_LIMIT_RETRY_MS }),
    closeCodeOf: (error, limit) =>
      (limit && CLOSE_CODE_OF_LIMIT[limit]) ??
      (error instanceof ChatError ? CLOSE_CODE_OF[error.reason] : undefined) ??
      CLOSE_CODES.OVERLOADED,
    lateError: () => new ChatError('UNAUTHENTICATED', { message: 'Unable to wait longer; no token was sent' }),
    stopError: () => new ChatError('SHUTTING_DOWN'),
    authDeadlineMs: options.authDeadlineMs,
    keepAlive: options.keepAlive,
    onError: (error) => log.debug({ err: error }, 'a connection failed'),
  })

  async function readiness(): Promise<Readiness> {
    try {
      await database.open()
      return { isReady: true, degraded: [] }
    } catch (error) {
      log.warn({ err: error }, 'not ready')
      return { isReady: false, reason: 'the database does not answer', degraded: [] }
    }
  }

  const open = once(async () => {
    await database.open()
    reconciler.start()
  })

  let http: FastifyInstance | undefined
  let listening: Promise<unknown> | undefined
  const listen = once(async () => {
    await open()
    http = await createHttpServer({
      createContext: ({ req, info }) =>
        authenticator.contextOfRequest(req.headers.authorization, info.connectionParams),
      readiness,
      origins,
      bodyLimit: FRAME_BYTES,
      maxBatchSize: MAX_BATCH,
      ...(isDevelopment(config) ? { extend: (server) => registerDevelopmentSignIn(server, secret) } : {}),
    })
    transport.attach(http.server)
    await http.listen({ port: config.port, host: config.host })
    return addressOf(http, config.host)
  })

  let isStopping = false
  const stop = once(async () => {
    isStopping = true
    await listening?.catch(() => undefined)
    // Answers that are nearly there are still given; then connections are told to come back, which ends their streams; then the rest.
    await calls.idle(ANSWER_GRACE_MS)
    await transport.close(STOP_GRACE_MS)
    await http?.close()
    stopping.abort(new ChatError('SHUTTING_DOWN'))
    await calls.idle(STOP_GRACE_MS)
    await reconciler.stop()
    await profiles.settled()
    feeds.close()
    typing.close()
    await presence.close()
    await bus.close()
    await database.close()
  })

  const createCaller = t.createCallerFactory(appRouter)

  return {
    config,
    services,
    /** Opens the database and listens; resolves with the address when calls are answered. Idempotent. */
    start: () => {
      if (isStopping) return Promise.reject(new Error('Unable to start; this app was stopped, build another'))
      const started = listen()
      listening = started
      return started
    },
    /** Tells connections to come back later, and ends everything. Idempotent. */
    stop,
    /** Opens and migrates the database without listening. Idempotent; calls do it by themselves. */
    open,
    /** The router, for code in this process. The signal ends the caller's streams. */
    createCaller: (caller: Caller, { signal }: { signal?: AbortSignal } = {}) => {
      const context = async () => {
        stopping.signal.throwIfAborted()
        await open()
        return authenticator.contextOfCaller(caller)
      }
      return createCaller(context, signal ? { signal } : {})
    },
  }
}

/** What a log says of an error: never the objects that libraries attach, which hold queries, texts and connections. */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name: type, message, stack } = error
  return { type, message, stack, ...('code' in error ? { code: error.code } : {}) }
}

/** How a connection is closed by what ends it. */
const CLOSE_CODE_OF: Partial<Record<ChatErrorReason, number>> = {
  TOKEN_EXPIRED: CLOSE_CODES.TOKEN_EXPIRED,
  TOKEN_REVOKED: CLOSE_CODES.TOKEN_REVOKED,
  TOKEN_INVALID: CLOSE_CODES.TOKEN_INVALID,
  UNAUTHENTICATED: CLOSE_CODES.UNAUTHENTICATED,
  USER_BANNED: CLOSE_CODES.USER_BANNED,
  SHUTTING_DOWN: CLOSE_CODES.RESTARTING,
  UNAVAILABLE: CLOSE_CODES.OVERLOADED,
}

/** What a limit is called where it is not simply too many calls. */
const REASON_OF_LIMIT: Partial<Record<ConnectionLimit, ChatErrorReason>> = {
  frameBytes: 'PAYLOAD_TOO_LARGE',
  callBytes: 'PAYLOAD_TOO_LARGE',
  queuedBytes: 'SLOW_CONSUMER',
}

/** How a connection is closed by a limit. */
const CLOSE_CODE_OF_LIMIT: Partial<Record<ConnectionLimit, number>> = {
  frameBytes: 1009,
  queuedBytes: CLOSE_CODES.SLOW_CONSUMER,
  connectionsPerUser: CLOSE_CODES.TOO_MANY_CONNECTIONS,
  connectionsPerAddress: CLOSE_CODES.TOO_MANY_CONNECTIONS,
}

/** Runs once and remembers what came of it; a failure is forgotten, so that the next call tries again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work().catch((error: unknown) => {
      result = undefined
      throw error
    })
    return result
  }
}

function addressOf(server: FastifyInstance, host: string): { url: string; port: number } {
  const address: AddressInfo | string | null = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${port}`, port }
}
