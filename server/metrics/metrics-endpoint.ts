import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { HttpTimes } from '../http/http-times.ts'
import type { Metrics } from './metrics.ts'
import { type MetricsServer, startMetricsServer } from './metrics-server.ts'

/** `/metrics` of one app, on METRICS_PORT. It does nothing without that setting. */
export class MetricsEndpoint {
  readonly #metrics: Metrics
  readonly #config: Config
  readonly #times: HttpTimes
  readonly #log: Logger
  #server: MetricsServer | undefined

  constructor(metrics: Metrics, config: Config, times: HttpTimes, log: Logger) {
    this.#metrics = metrics
    this.#config = config
    this.#times = times
    this.#log = log
  }

  /** Resolves with the port, or undefined if none is configured. Idempotent. @throws Error if the port is in use */
  async listen(): Promise<number | undefined> {
    const { metricsPort: port, metricsHost: host, metricsToken: token } = this.#config
    if (port === undefined) return undefined
    this.#metrics.watchProcess()
    this.#server ??= await startMetricsServer({
      port,
      host,
      token,
      times: this.#times,
      text: () => this.#metrics.text(),
      onError: (error) => this.#log.error({ err: error }, 'unable to serve metrics'),
    })
    return this.#server.port
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}
