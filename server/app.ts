import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import type { z } from 'zod'
import type { Message } from '../shared/message.ts'
import type { TokenRole } from '../shared/user.ts'
import { AccessReader } from './access/access-reader.ts'
import { appRouter } from './app-router.ts'
import { Authenticator } from './auth/authenticator.ts'
import { developmentSecret } from './auth/development-secret.ts'
import { DEFAULT_TENANT, TokenVerifier } from './auth/token-verifier.ts'
import { MemoryBus } from './bus/memory-bus.ts'
import { RedisBus } from './bus/redis-bus.ts'
import { RedisLink } from './bus/redis-link.ts'
import { watchRooms } from './bus/watch-rooms.ts'
import { type Config, completeConfig, isDevelopment } from './config.ts'
import { Database } from './db/database.ts'
import { InstallationKeys } from './db/installation-keys.ts'
import type { ScheduledMessageRow } from './db/schema.ts'
import { DemoPeople } from './demo/demo-people.ts'
import { ChatError } from './errors/chat-error.ts'
import { closeCodeOf, overLimit } from './errors/connection-errors.ts'
import { AddressGate } from './http/address-gate.ts'
import { ClientAddresses } from './http/client-address.ts'
import { registerDemoPeople } from './http/demo-route.ts'
import { registerDevelopmentSignIn } from './http/development-sign-in.ts'
import { createHttpServer, type Readiness } from './http/http-server.ts'
import { loggedError } from './http/logged-error.ts'
import { isAllowedOrigin } from './http/origin-rules.ts'
import { TrafficLog } from './http/traffic-log.ts'
import { InboxRelays } from './inbox/inbox-relay.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { FairTurns } from './lib/fair-turns.ts'
import { userKey } from './lib/keys.ts'
import { LoopShare } from './lib/loop-share.ts'
import { Reconciler, reconcilePace } from './lib/reconciler.ts'
import { FeedHub } from './log/live/feed-hub.ts'
import { readFill } from './log/room-log.ts'
import { metaCheck } from './message/message-meta.ts'
import { sendMessage } from './message/message-send.ts'
import { MessageWriter } from './message/message-writer.ts'
import { Metrics } from './metrics/metrics.ts'
import { type MetricsServer, startMetricsServer } from './metrics/metrics-server.ts'
import { PresenceBoard } from './presence/presence-board.ts'
import { ReceiptBoard } from './receipt/receipt-board.ts'
import { CallCounter } from './rpc/call-counter.ts'
import { CallMeter } from './rpc/call-meter.ts'
import type { Services } from './rpc/context.ts'
import { CursorSigner } from './rpc/cursor.ts'
import { OpenStreams } from './rpc/open-streams.ts'
import { RateLimits } from './rpc/rate-limits.ts'
import { t } from './rpc/trpc.ts'
import { ScheduleSender } from './schedule/schedule-sender.ts'
import { SEND_SCHEDULED } from './schedule/schedule-shape.ts'
import { SearchIndexer } from './search/search-indexer.ts'
import { MarkerWriter } from './unread/marker-writer.ts'
import './services.ts'
import type { ConnectionLimit } from './transport/connection-bounds.ts'
import { KeyedCount } from './transport/keyed-count.ts'
import { WebSocketTransport } from './transport/websocket-server.ts'
import { DEFAULT_TUNING, FRAME_BYTES, MAX_BATCH, type Tuning } from './tuning.ts'
import { TypingBoard } from './typing/typing-board.ts'
import { ProfileSpreader } from './user/profile-spreader.ts'
import { UserDirectory } from './user/user-directory.ts'
import { UserWatch } from './user/user-watch.ts'
import { WordFilters } from './word-filter/word-filters.ts'

const ANSWER_GRACE_MS = 500
const STOP_GRACE_MS = 2_000
/** Many connections are told one after the other, over at most this time. */
const STOP_SPREAD_MS = 4_000

/** Somebody on whose behalf code in this process calls; trusted, without a token. */
export interface Caller {
  userId: string
  tenant?: string
  role?: TokenRole
}

/** What the server is told: any part of its configuration, and what only code can say. */
export interface AppOptions extends Partial<Config> {
  /**
   * What a message's `meta` may hold. `message.send` refuses everything else with INVALID_INPUT and keeps what the schema makes of it.
   * One that is left out counts as `{}`. The frontend's part of it is `createChatClient<z.infer<typeof messageMeta>>`.
   */
  messageMeta?: z.ZodType<object>
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
export function createApp({ messageMeta, ...part }: AppOptions = {}, tuning: Partial<Tuning> = {}) {
  const config = completeConfig(part)
  const options = { ...DEFAULT_TUNING, ...tuning }
  const log = pino({ level: config.logLevel, base: undefined, serializers: { err: loggedError } })
  const stopping = new AbortController()

  const database = new Database(config, log, options.poolSize)
  const keys = new InstallationKeys(database)
  const redis = config.redisUrl ? new RedisLink(config.redisUrl, log, { probeMs: options.redisProbeMs }) : undefined
  const searchIndexer = new SearchIndexer(database, log, options.searchGatherMs, stopping.signal)
  const bus = watchRooms(
    options.bus?.(log) ?? (redis ? new RedisBus(redis, log) : new MemoryBus(log)),
    (tenantId, roomId) => searchIndexer.notice({ tenantId, roomId }),
  )
  const users = new UserDirectory(database)
  const userWatch = new UserWatch(users, bus, log)
  const feeds = new FeedHub(database, bus, log, {
    readFill: (tenantId, roomId, after) => readFill(database, tenantId, roomId, after),
    reorderMs: options.reorderMs,
    lingerMs: options.feedLingerMs,
    maxBytes: options.ringBytes,
  })
  const presence = new PresenceBoard(database, log, options.presenceLeaseMs, redis && { bus, link: redis })
  const typing = new TypingBoard(bus, options.typingExpireMs)
  const profiles = new ProfileSpreader({ database, bus }, log, stopping.signal)
  const messages = new MessageWriter(database, bus)
  const markers = new MarkerWriter(database, bus, log)
  const loopShare = new LoopShare()
  const wordFilters = new WordFilters(database, bus, log, loopShare)
  const receipts = new ReceiptBoard(database, bus, log)
  const calls = new CallCounter()
  const callMeter = new CallMeter()
  const rateLimits = config.rateLimit ? new RateLimits(redis && { bus, node: redis.node }) : undefined
  if (!rateLimits) log.warn('RATE_LIMIT is off: this is for load tests, not for people')
  const connectionsOfUser = new KeyedCount()
  const { maxConnectionsPerUser: maxConnections } = options.limits
  const services: Services = {
    log,
    stopping: stopping.signal,
    calls,
    callMeter,
    loopShare,
    rateLimits,
    openStreams: new OpenStreams(options.streams, { connections: connectionsOfUser, maxConnections }),
    database,
    cursors: new CursorSigner(keys),
    bus,
    feeds,
    catchUps: new FairTurns(options.catchUps),
    inboxRelays: new InboxRelays(),
    messages,
    messageMeta: messageMeta && metaCheck(messageMeta),
    markers,
    searchIndexer,
    queryTurns: config.rateLimit ? new FairTurns({ ...options.queries, atOnce: Infinity }) : undefined,
    searches: new FairTurns({ ...options.searches, atOnce: Math.max(1, Math.floor(options.poolSize / 4)) }),
    receipts,
    users,
    userWatch,
    access: new AccessReader(database),
    profiles,
    presence,
    typing,
    wordFilters,
  }
  const secret = once(async () => config.authSecret ?? developmentSecret(config.dataDir))
  const verifier = new TokenVerifier({
    secret: config.authJwksUrl ? undefined : secret,
    jwksUrl: config.authJwksUrl,
    issuer: config.authIssuer,
    audience: config.authAudience,
    jwksCooldownMs: options.jwksCooldownMs,
  })
  const authenticator = new Authenticator(services, verifier)
  const schedules = new ScheduleSender(database, (row) => sendScheduled(services, authenticator, row))
  const jobs = new JobRunner(database, log, { [SEND_SCHEDULED]: (payload) => schedules.run(payload) })
  const reconciled = [database, keys, feeds, userWatch, profiles, searchIndexer, schedules, wordFilters]
  const pace = reconcilePace(bus, () => feeds.size, options.reconcileMs)
  const reconciler = new Reconciler(reconciled, log, pace)
  const origins = { allowed: config.allowedOrigins, isDevelopment: isDevelopment(config) }

  const uncounted = config.rateLimit ? {} : { frameRate: undefined, maxCalls: undefined, userCallRate: undefined }
  const serviceLimits = { ...options.serviceLimits, ...uncounted }
  const addresses = new ClientAddresses(config.trustProxy)
  const maxConnectionsPerAddress = config.connectionsPerAddress || Infinity
  const gate = new AddressGate(addresses, maxConnectionsPerAddress)
  const traffic = new TrafficLog(log, addresses)
  const countedOverLimit = (limit: ConnectionLimit) => {
    traffic.onOverLimit(limit)
    return overLimit(limit)
  }
  const transport = new WebSocketTransport({
    router: appRouter,
    path: '/trpc',
    isAllowedOrigin: (origin, host) => isAllowedOrigin(origins, origin, host),
    admit: async (_req, params, connectionId) => {
      const admission = await authenticator.admitConnection(params?.['token'], { connectionId })
      return admission.context.session?.role === 'service' ? { ...admission, limits: serviceLimits } : admission
    },
    listener: traffic,
    userOf: ({ session }) => session && userKey(session),
    connectionsOfUser,
    addressOf: (req) => addresses.networkOf(req),
    connectionsOfAddress: gate.open,
    limits: {
      maxConnectionsPerAddress,
      ...options.limits,
      ...uncounted,
    },
    overLimit: countedOverLimit,
    closeCodeOf,
    lateError: () => new ChatError('UNAUTHENTICATED', { message: 'Unable to wait longer; no token was sent' }),
    stopError: () => new ChatError('SHUTTING_DOWN'),
    authDeadlineMs: options.authDeadlineMs,
    keepAlive: options.keepAlive,
    onError: (error) => traffic.onFailure(error),
  })
  const metrics = new Metrics({
    transport,
    traffic,
    callMeter,
    messages,
    feeds,
    reconciler,
    database,
    searchIndexer,
    bus,
  })

  async function readiness(): Promise<Readiness> {
    try {
      await database.open()
      if (!(await database.hasRoom()))
        return { isReady: false, reason: 'the database has no room to write', degraded: [] }
      return { isReady: true, degraded: redis?.isDown ? ['redis'] : [] }
    } catch (error) {
      log.warn({ err: error }, 'not ready')
      return { isReady: false, reason: 'the database does not answer', degraded: [] }
    }
  }

  const open = once(async () => {
    await database.open()
    await keys.load()
    await redis?.start(await database.identity())
    await Promise.all([presence.start(), rateLimits?.start(), jobs.start()])
    reconciler.start()
  })

  const callerFactory = t.createCallerFactory(appRouter)
  function createCaller(caller: Caller, { signal }: { signal?: AbortSignal } = {}) {
    const context = async () => {
      stopping.signal.throwIfAborted()
      await open()
      return authenticator.contextOfCaller(caller)
    }
    return callerFactory(context, signal ? { signal } : {})
  }

  // One process answers for them: several would answer several times.
  const hasDemoPeople = isDevelopment(config) && config.workers <= 1
  const demoPeople = hasDemoPeople ? new DemoPeople(createCaller, users, log, stopping.signal) : undefined

  let http: FastifyInstance | undefined
  let metricsServer: MetricsServer | undefined
  let listening: Promise<unknown> | undefined
  const listen = once(async () => {
    await open()
    http = await createHttpServer({
      createContext: ({ req, info }) =>
        authenticator.contextOfRequest(req.headers.authorization, info.connectionParams, { requestId: req.id }),
      readiness,
      isTrustedProxy: (address) => addresses.isTrusted(address),
      onResponse: (answered) => traffic.onResponse(answered),
      onError: (error, requestId) => log.error({ err: error, requestId }, 'unable to answer a request'),
      origins,
      bodyLimit: FRAME_BYTES,
      maxBatchSize: MAX_BATCH,
      batchError: () => countedOverLimit('batchSize'),
      callLimits: options.limits,
      maxConnections: config.maxConnections,
      gate,
      times: options.http,
      ...(isDevelopment(config) ? { extend: extendForDevelopment } : {}),
    })
    transport.attach(http.server)
    if (config.metricsPort !== undefined && !metricsServer) metricsServer = await listenForMetrics(config.metricsPort)
    await http.listen({ port: config.port, host: config.host })
    await demoPeople?.resume()
    return { ...addressOf(http, config.host), metricsPort: metricsServer?.port }
  })

  function extendForDevelopment(server: FastifyInstance): void {
    registerDevelopmentSignIn(server, secret)
    if (demoPeople) registerDemoPeople(server, (req) => userOfRequest(authenticator, req), demoPeople)
  }

  function listenForMetrics(port: number): Promise<MetricsServer> {
    metrics.watchProcess()
    const { metricsHost: host, metricsToken: token } = config
    const onError = (error: unknown) => log.error({ err: error }, 'unable to answer with metrics')
    return startMetricsServer({ port, host, token, times: options.http, text: () => metrics.text(), onError })
  }

  let isStopping = false
  const stop = once(async () => {
    isStopping = true
    await listening?.catch(() => undefined)
    // Whoever comes now is another server's, or comes back.
    http?.server.close()
    // Answers that are nearly there are still given; then connections are told to come back, which ends their streams; then the rest.
    await calls.idle(ANSWER_GRACE_MS)
    await transport.close({ graceMs: STOP_GRACE_MS, spreadMs: STOP_SPREAD_MS })
    await http?.close()
    await metricsServer?.close()
    stopping.abort(new ChatError('SHUTTING_DOWN'))
    await calls.idle(STOP_GRACE_MS)
    await Promise.all([reconciler.stop(), jobs.stop()])
    await Promise.all([profiles.settled(), searchIndexer.settled()])
    feeds.close()
    typing.close()
    rateLimits?.close()
    receipts.close()
    await presence.close()
    await bus.close()
    await redis?.stop()
    await database.close()
  })

  return {
    config,
    services,
    /** What this app says of itself, for who serves or sums it. */
    metrics,
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
    createCaller,
  }
}

/** A user of the default tenant, the only one that demo people are in. @throws ChatError */
async function userOfRequest(
  authenticator: Authenticator,
  { id: requestId, headers }: FastifyRequest,
): Promise<string> {
  const { session } = await authenticator.contextOfRequest(headers.authorization, null, { requestId })
  if (!session) throw new ChatError('UNAUTHENTICATED')
  await session.admit()
  if (session.tenantId !== DEFAULT_TENANT) throw new ChatError('FORBIDDEN')
  return session.userId
}

/** As if its author called now: known, not banned, and with the rights of this moment. */
async function sendScheduled(
  services: Services,
  authenticator: Authenticator,
  row: ScheduledMessageRow,
): Promise<Message> {
  const { session } = authenticator.contextOfCaller({ tenant: row.tenant_id, userId: row.user_id })
  await session.admit()
  const { room_id: roomId, client_id: clientId, content, mentions, mentions_room: mentionsRoom } = row
  const answered = { replyToId: row.reply_to_id ?? undefined, threadId: row.thread_id ?? undefined }
  return sendMessage(
    services,
    session,
    { roomId, clientId, content, mentions, mentionsRoom, ...answered },
    { isScheduled: true },
  )
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
