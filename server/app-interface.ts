import type { z } from 'zod'
import type { TokenRole } from '../shared/user.ts'
import type { AppRouter } from './app-router.ts'
import type { Config } from './config.ts'
import type { ListeningAddress } from './http/public-server.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Services } from './rpc/context.ts'

/** The user on whose behalf code in this process calls. The code is trusted and needs no token. */
export interface Caller {
  userId: string
  tenant?: string
  role?: TokenRole
}

/** Every procedure as a function. Failed calls throw a ChatError, in process as over the wire. */
export type AppCaller = ReturnType<AppRouter['createCaller']>

/** Any part of the server's configuration, and what only code can say. */
export interface AppOptions extends Partial<Config> {
  /**
   * What a message's `meta` may hold. `message.send` refuses everything else with INVALID_INPUT and keeps what the schema makes of it.
   * One that is left out counts as `{}`. The frontend's part of it is `createChatClient<z.infer<typeof messageMeta>>`.
   */
  messageMeta?: z.ZodType<object>
}

/** Where a started app listens. */
export interface AppAddress extends ListeningAddress {
  /** The port of `/metrics`; undefined where METRICS_PORT is not set. */
  metricsPort: number | undefined
}

/** A server. It opens its database at its first use, also for a caller in process, and can be started once. */
export interface App {
  readonly config: Config
  readonly services: Services
  /** What this process counts, for its own `/metrics` and for the sum over several processes. */
  readonly metrics: Metrics
  /**
   * Opens the database and listens. Resolves with the address when calls are answered. Idempotent.
   * @throws Error where the database can't be used, a port is taken, or the app was stopped
   */
  start(): Promise<AppAddress>
  /** Tells connections to come back later, lets calls under way settle, and ends everything. Idempotent. */
  stop(): Promise<void>
  /** Opens and migrates the database without listening. Idempotent; calls in process do it by themselves. @throws Error */
  open(): Promise<void>
  /** The procedures for code in this process. `signal` ends the caller's streams. After `stop` calls throw SHUTTING_DOWN. */
  createCaller(caller: Caller, options?: { signal?: AbortSignal }): AppCaller
}
