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

/** Any part of the server's configuration, plus options that only code can set. */
export interface AppOptions extends Partial<Config> {
  /**
   * The schema of a message's `meta`. `message.send` refuses everything else with INVALID_INPUT and stores the schema's output.
   * An omitted `meta` counts as `{}`. The frontend's counterpart is `createChatClient<z.infer<typeof messageMeta>>`.
   */
  messageMeta?: z.ZodType<object>
}

/** The address at which a started app listens. */
export interface AppAddress extends ListeningAddress {
  /** The port of `/metrics`; undefined if METRICS_PORT is not set. */
  metricsPort: number | undefined
}

/** A server. It opens its database on first use, including use by an in-process caller, and can be started once. */
export interface App {
  readonly config: Config
  readonly services: Services
  /** The metrics of this process, for its own `/metrics` and for the sum over several processes. */
  readonly metrics: Metrics
  /**
   * Opens the database and listens. Resolves with the address when calls are answered. Idempotent.
   * @throws Error if the database can't be used, a port is taken, or the app was stopped
   */
  start(): Promise<AppAddress>
  /** Tells connections to come back later, lets running calls settle, and ends everything. Idempotent. */
  stop(): Promise<void>
  /** Opens and migrates the database without listening. Idempotent; in-process calls do it themselves. @throws Error */
  open(): Promise<void>
  /** The procedures for code in this process. `signal` ends the caller's streams. After `stop`, calls throw SHUTTING_DOWN. */
  createCaller(caller: Caller, options?: { signal?: AbortSignal }): AppCaller
}
