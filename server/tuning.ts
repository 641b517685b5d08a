import type { Logger } from 'pino'
import { WIRE_LIMITS } from '../shared/wire-limits.ts'
import type { Bus } from './bus/bus.ts'
import { POOL_SIZE } from './db/pool.ts'
import { HTTP_TIMES, type HttpTimes } from './http/http-times.ts'
import type { TurnLimits } from './lib/fair-turns.ts'
import type { StreamLimits } from './rpc/open-streams.ts'
import type { AdmittedBounds } from './transport/connection-bounds.ts'
import type { TransportLimits } from './transport/transport-options.ts'

/** How long things take, in milliseconds; and what tests replace. */
export interface Tuning {
  /** Who is not heard of again stops typing. */
  typingExpireMs: number
  /** Who has no connection for this long is offline. */
  presenceLeaseMs: number
  /** How often the database is asked for what the bus may have lost; more often while the bus is down. */
  reconcileMs: number
  /** How often a node listens for itself through Redis; three times in vain, and Redis is down. */
  redisProbeMs: number
  /** How long an event that came too early waits for its predecessor. */
  reorderMs: number
  /** How long a room's recent events are kept when nobody follows it any more. */
  feedLingerMs: number
  /** How long what is said in a room gathers before it goes into the search index. */
  searchGatherMs: number
  /** From the upgrade to a token. */
  authDeadlineMs: number
  jwksCooldownMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  http: HttpTimes
  /** What one connection may do, and how many there may be. Without RATE_LIMIT, frames and calls are not counted. */
  limits: TransportLimits
  /** What a connection of a service may do instead: one backend imports, or fans out for everybody. */
  serviceLimits: AdmittedBounds
  streams: StreamLimits
  catchUps: TurnLimits
  /** Of one user at a time; a user's own next query waits for one of these to be answered. */
  queries: Omit<TurnLimits, 'atOnce'>
  /** A quarter of the pool runs at a time: other calls keep finding a connection, however many search. */
  searches: Omit<TurnLimits, 'atOnce'>
  /** Connections to Postgres, beside those of the writer. */
  poolSize: number
  /** What all rings of recent events may hold. */
  ringBytes: number
  /** In place of the one that REDIS_URL calls for. */
  bus: ((log: Logger) => Bus) | undefined
}

export const DEFAULT_TUNING: Tuning = {
  typingExpireMs: 6_000,
  presenceLeaseMs: 15_000,
  reconcileMs: 2_000,
  redisProbeMs: 400,
  reorderMs: 20,
  feedLingerMs: 30_000,
  searchGatherMs: 500,
  authDeadlineMs: 10_000,
  jwksCooldownMs: 30_000,
  keepAlive: { pingMs: 15_000, pongWaitMs: 5_000 },
  http: HTTP_TIMES,
  limits: {
    maxFrameBytes: WIRE_LIMITS.frameBytes,
    maxCallBytes: WIRE_LIMITS.callBytes,
    maxCallValues: WIRE_LIMITS.callValues,
    maxCallDepth: WIRE_LIMITS.callDepth,
    // The stock client sends everything of one tick, and all its subscriptions after a reconnect, as one batch.
    maxBatchSize: WIRE_LIMITS.batch,
    maxCalls: WIRE_LIMITS.calls,
    maxSubscriptions: WIRE_LIMITS.subscriptions,
    highWaterBytes: 256 << 10,
    maxQueuedBytes: 1 << 20,
    maxStallMs: 60_000,
    maxPendingResponseBytes: 64 << 20,
    // A client that moves its subscriptions to another connection stops and pings for each of them at once.
    frameRate: { perSecond: 100, burst: 400 },
    maxConnectionsPerUser: 100,
    // Far above what anybody may have answered: what is refused costs time as well.
    userCallRate: { perSecond: 1_000, burst: 4_000 },
  },
  serviceLimits: {
    maxBatchSize: 1_024,
    maxCalls: 1_024,
    maxSubscriptions: 1_024,
    frameRate: { perSecond: 2_000, burst: 8_000 },
    userCallRate: { perSecond: 50_000, burst: 100_000 },
  },
  streams: { perUser: 256, perService: 1_024, beginAtOnce: 100, beginAtOncePerUser: 4 },
  catchUps: { atOnce: 8, maxWaiting: 10_000, maxWaitingPerUser: 1_000 },
  // Each that waits holds its input, up to 64 KiB of it.
  queries: { atOncePerUser: 16, maxWaiting: 4_000, maxWaitingPerUser: 256 },
  searches: { atOncePerUser: 2, maxWaiting: 1_000, maxWaitingPerUser: 32 },
  poolSize: POOL_SIZE,
  ringBytes: 64 << 20,
  bus: undefined,
}
