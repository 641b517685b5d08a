import { pino } from 'pino'
import { AccessReader } from './access/access-reader.ts'
import type { App, AppOptions } from './app-interface.ts'
import { appRouter } from './app-router.ts'
import { Authenticator } from './auth/authenticator.ts'
import { developmentSecret } from './auth/development-secret.ts'
import { TokenVerifier } from './auth/token-verifier.ts'
import { MemoryBus } from './bus/memory-bus.ts'
import { RedisBus } from './bus/redis-bus.ts'
import { RedisLink } from './bus/redis-link.ts'
import { RoomBus } from './bus/room-bus.ts'
import { completeConfig, isDevelopment } from './config.ts'
import { Database } from './db/database.ts'
import { InstallationKeys } from './db/installation-keys.ts'
import { DemoPeople } from './demo/demo-people.ts'
import { ChatError } from './errors/chat-error.ts'
import { registerDevelopmentRoutes } from './http/development-routes.ts'
import { loggedError } from './http/logged-error.ts'
import { PublicServer } from './http/public-server.ts'
import { readReadiness } from './http/readiness.ts'
import { InboxRelays } from './inbox/inbox-relay.ts'
import { JobRunners } from './jobs/job-runners.ts'
import { FairTurns } from './lib/fair-turns.ts'
import { LoopShare } from './lib/loop-share.ts'
import { once } from './lib/once.ts'
import { Reconciler, reconcilePace } from './lib/reconciler.ts'
import { FeedHub } from './log/live/feed-hub.ts'
import { readFill } from './log/room-log.ts'
import { metaCheck } from './message/message-send.ts'
import { MessageWriter } from './message/message-writer.ts'
import { Metrics } from './metrics/metrics.ts'
import { MetricsEndpoint } from './metrics/metrics-endpoint.ts'
import { PresenceBoard } from './presence/presence-board.ts'
import { ReceiptBoard } from './receipt/receipt-board.ts'
import { CallMetrics } from './rpc/call-metrics.ts'
import type { Services } from './rpc/context.ts'
import { CursorSigner } from './rpc/cursor.ts'
import { InFlightCalls } from './rpc/in-flight-calls.ts'
import { OpenStreams } from './rpc/open-streams.ts'
import { RateLimits } from './rpc/rate-limits.ts'
import { t } from './rpc/trpc.ts'
import { ScheduleSender } from './schedule/schedule-sender.ts'
import { SEND_SCHEDULED } from './schedule/schedule-shape.ts'
import { scheduledSend } from './schedule/scheduled-send.ts'
import { SearchIndexer } from './search/search-indexer.ts'
import './services.ts'
import { KeyedCount } from './transport/keyed-count.ts'
import { DEFAULT_TUNING, type Tuning } from './tuning.ts'
import { TypingBoard } from './typing/typing-board.ts'
import { MarkerWriter } from './unread/marker-writer.ts'
import { ProfilePropagator } from './user/profile-propagator.ts'
import { UserDirectory } from './user/user-directory.ts'
import { UserWatch } from './user/user-watch.ts'
import { WordFilters } from './word-filter/word-filters.ts'

export type { App, AppAddress, AppCaller, AppOptions, Caller } from './app-interface.ts'

/** Time to settle for a call that is still running when everything that it could wait for has ended. */
const SETTLE_GRACE_MS = 2_000

/**
 * The whole server, built from its parts and not yet started. The first use opens the database (the embedded Postgres if no
 * `databaseUrl` is given) and migrates it.
 *
 * @example
 * const app = createApp({ dataDir: './data' })
 * const { url } = await app.start()
 * const room = await app.createCaller({ userId: 'ada' }).room.create({ kind: 'group', name: 'Engine room' })
 * await app.stop()
 */
export function createApp({ messageMeta, ...part }: AppOptions = {}, tuning: Partial<Tuning> = {}): App {
  const config = completeConfig(part)
  const options = { ...DEFAULT_TUNING, ...tuning }
  const log = pino({ level: config.logLevel, base: undefined, serializers: { err: loggedError } })
  const stopping = new AbortController()
  // Parts stop in the reverse order of this list, so each one stops before everything that it was built from.
  const parts = new AsyncDisposableStack()

  const database = parts.adopt(new Database(config, log, options.poolSize), (it) => it.close())
  const keys = new InstallationKeys(database)
  const redis = config.redisUrl
    ? parts.adopt(new RedisLink(config.redisUrl, log, { probeMs: options.redisProbeMs }), (it) => it.stop())
    : undefined
  const searchIndexer = parts.adopt(new SearchIndexer(database, log, options.searchGatherMs, stopping.signal), (it) =>
    it.settled(),
  )
  const bus = parts.adopt(
    new RoomBus(options.bus?.(log) ?? (redis ? new RedisBus(redis, log) : new MemoryBus(log)), (room) =>
      searchIndexer.notice(room),
    ),
    (it) => it.close(),
  )
  const presence = parts.adopt(
    new PresenceBoard(database, log, options.presenceLeaseMs, redis && { bus, link: redis }),
    (it) => it.close(),
  )
  const feeds = parts.adopt(
    new FeedHub(database, bus, log, {
      readFill: (tenantId, roomId, after) => readFill(database, tenantId, roomId, after),
      reorderMs: options.reorderMs,
      lingerMs: options.feedLingerMs,
      maxBytes: options.ringBytes,
    }),
    (it) => it.close(),
  )
  const typing = parts.adopt(new TypingBoard(bus, options.typingExpireMs), (it) => it.close())
  const receipts = parts.adopt(new ReceiptBoard(database, bus, log), (it) => it.close())
  const rateLimits = config.rateLimit
    ? parts.adopt(new RateLimits(redis && { bus, node: redis.node }), (it) => it.close())
    : undefined
  if (!rateLimits) log.warn('RATE_LIMIT is off, which is meant for load tests only')
  const profiles = parts.adopt(new ProfilePropagator({ database, bus }, log, stopping.signal), (it) => it.settled())
  const users = new UserDirectory(database)
  const userWatch = new UserWatch(users, bus, log)
  const messages = new MessageWriter(database, bus)
  const loopShare = new LoopShare()
  const wordFilters = new WordFilters(database, bus, log, loopShare)
  const calls = new InFlightCalls()
  const callMetrics = new CallMetrics()
  const connectionsOfUser = new KeyedCount()
  const { maxConnectionsPerUser: maxConnections } = options.limits
  const services: Services = {
    log,
    stopping: stopping.signal,
    calls,
    callMetrics,
    loopShare,
    rateLimits,
    openStreams: new OpenStreams(options.streams, { connections: connectionsOfUser, maxConnections, rateLimits }),
    database,
    cursors: new CursorSigner(keys),
    bus,
    feeds,
    catchUps: new FairTurns(options.catchUps),
    inboxRelays: new InboxRelays(),
    messages,
    messageMeta: messageMeta && metaCheck(messageMeta),
    markers: new MarkerWriter(database, bus, log),
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
  const schedules = new ScheduleSender(database, scheduledSend(services, authenticator))
  const jobs = parts.adopt(
    new JobRunners(database, log, { quick: { [SEND_SCHEDULED]: (payload) => schedules.run(payload) } }),
    (it) => it.stop(),
  )
  const reconciled = [database, keys, feeds, userWatch, profiles, searchIndexer, schedules, wordFilters]
  const pace = reconcilePace(bus, () => feeds.size, options.reconcileMs)
  const reconciler = parts.adopt(new Reconciler(reconciled, log, pace), (it) => it.stop())
  // In-process calls and streams have no connection to notify: they end here, before anything that they use.
  parts.defer(() => calls.idle(SETTLE_GRACE_MS))
  parts.defer(() => stopping.abort(new ChatError('SHUTTING_DOWN')))

  const open = once(async () => {
    await database.open()
    await keys.load()
    await redis?.start(await database.identity())
    await Promise.all([presence.start(), rateLimits?.start(), jobs.start()])
    reconciler.start()
  })

  const callerFactory = t.createCallerFactory(appRouter)
  const createCaller: App['createCaller'] = (caller, { signal } = {}) => {
    const context = async () => {
      stopping.signal.throwIfAborted()
      await open()
      return authenticator.contextOfCaller(caller)
    }
    return callerFactory(context, signal ? { signal } : {})
  }

  // Only a single process runs them: several would answer several times.
  const hasDemoPeople = isDevelopment(config) && config.workers <= 1
  const demoPeople = hasDemoPeople ? new DemoPeople(createCaller, users, log, stopping.signal) : undefined
  const server = new PublicServer(config, options, {
    log,
    authenticator,
    calls,
    connectionsOfUser,
    readiness: () => readReadiness(database, redis, log),
    extendForDevelopment: (http) => registerDevelopmentRoutes(http, { secret, authenticator, demoPeople }),
  })
  const { transport, traffic } = server
  const metrics = new Metrics({
    transport,
    traffic,
    callMetrics,
    messages,
    feeds,
    reconciler,
    database,
    searchIndexer,
    bus,
  })
  const metricsEndpoint = parts.adopt(new MetricsEndpoint(metrics, config, options.http, log), (it) => it.close())
  parts.defer(() => server.close())

  const listen = once(async () => {
    await open()
    const metricsPort = await metricsEndpoint.listen()
    const address = await server.listen()
    await demoPeople?.resume()
    return { ...address, metricsPort }
  })

  let isStopping = false
  let listening: Promise<unknown> | undefined
  return {
    config,
    services,
    metrics,
    open,
    createCaller,
    start() {
      if (isStopping) return Promise.reject(new Error('Unable to start; this app was stopped, create another one'))
      const started = listen()
      listening = started
      return started
    },
    stop: once(async () => {
      isStopping = true
      await listening?.catch(() => undefined)
      await parts.disposeAsync()
    }),
  }
}
