import type { Logger } from 'pino'
import { WIRE_LIMITS } from '../shared/wire-limits.ts'
import type { Bus } from './bus/bus.ts'
import { POOL_SIZE } from './db/pool.ts'
import { HTTP_TIMES, type HttpTimes } from './http/http-times.ts'
import type { TurnLimits } from './lib/fair-turns.ts'
import type { StreamLimits } from './rpc/open-streams.ts'
import type { AdmittedBounds } from './transport/connection-bounds.ts'
import type { TransportLimits } from './transport/transport-options.ts'

/** Timings in milliseconds, limits, and parts that tests replace. */
export interface Tuning {
  /** Time without an update after which a user stops typing. */
  typingExpireMs: number
  /** Time without a connection after which a user is offline. */
  presenceLeaseMs: number
  /** Interval of the poll for what the bus may have lost; shorter while the bus is down. */
  reconcileMs: number
  /** Interval of a node's echoes through Redis; after three unanswered ones Redis counts as down. */
  redisProbeMs: number
  /** How long an early event waits for its predecessor. */
  reorderMs: number
  /** How long a room's recent events are kept after its last follower left. */
  feedLingerMs: number
  /** How long new messages of a room accumulate before they are indexed for search. */
  searchGatherMs: number
  /** Time limit from the upgrade to a token. */
  authDeadlineMs: number
  jwksCooldownMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
  http: HttpTimes
  /** Limits of one connection, and the number of connections. Without RATE_LIMIT, frames and calls are not counted. */
  limits: TransportLimits
  /** Limits of a service's connection, which replace the usual ones: one backend imports, or sends on behalf of everybody. */
  serviceLimits: AdmittedBounds
  streams: StreamLimits
  catchUps: TurnLimits
  /** Queries of one user at a time; further ones wait for an answer. */
  queries: Omit<TurnLimits, 'atOnce'>
  /** A quarter of the pool searches at a time: other calls still find a connection, however many users search. */
  searches: Omit<TurnLimits, 'atOnce'>
  /** Connections to Postgres, in addition to the writer's. */
  poolSize: number
  /** Bound on the bytes of all rings of recent events. */
  ringBytes: number
  /** Replaces the bus that REDIS_URL selects. */
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
    // The stock client sends all calls of one tick, and all its subscriptions after a reconnect, as one batch.
    maxBatchSize: WIRE_LIMITS.batch,
    maxCalls: WIRE_LIMITS.calls,
    maxSubscriptions: WIRE_LIMITS.subscriptions,
    highWaterBytes: 256 << 10,
    maxQueuedBytes: 1 << 20,
    maxStallMs: 60_000,
    maxPendingResponseBytes: 64 << 20,
    // A client that moves its subscriptions to another connection sends a stop and a ping for each of them at once.
    frameRate: { perSecond: 100, burst: 400 },
    maxConnectionsPerUser: 100,
    // Far above what any client can get answered: refusals cost time as well.
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
  // Each waiting query holds its input, up to 64 KiB.
  queries: { atOncePerUser: 16, maxWaiting: 4_000, maxWaitingPerUser: 256 },
  searches: { atOncePerUser: 2, maxWaiting: 1_000, maxWaitingPerUser: 32 },
  poolSize: POOL_SIZE,
  ringBytes: 64 << 20,
  bus: undefined,
}
