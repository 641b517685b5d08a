import { AggregatorRegistry, collectDefaultMetrics, type PrometheusContentType, Registry } from 'prom-client'
import { confabReadings, type MetricSources } from './confab-readings.ts'

/** These metrics visit every socket at each scrape: with 16,000 sockets they blocked the event loop for 100 ms. */
const SLOW = [
  'process_open_fds',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
]

/**
 * The metrics of one app. Nothing is measured here: the app counts in plain numbers, which are read on each scrape. A registry
 * exists only for the process's own metrics and is created on first use.
 */
export class Metrics {
  readonly #sources: MetricSources
  #process: Registry | undefined

  constructor(sources: MetricSources) {
    this.#sources = sources
  }

  /** Starts watching event loop delay and garbage collection, until the process ends. Idempotent. */
  watchProcess(): Registry {
    if (this.#process) return this.#process
    this.#process = new Registry()
    collectDefaultMetrics({ register: this.#process })
    for (const name of SLOW) this.#process.removeSingleMetric(name)
    return this.#process
  }

  /** All metrics as plain objects. `AggregatorRegistry.aggregate` combines those of several processes. */
  async readings(): Promise<object[]> {
    return [...confabReadings(this.#sources), ...(await this.watchProcess().getMetricsAsJSON())]
  }

  /** All metrics in Prometheus's text format. */
  async text(): Promise<string> {
    const own = AggregatorRegistry.aggregate<PrometheusContentType>([confabReadings(this.#sources)])
    return `${await own.metrics()}\n${await this.watchProcess().metrics()}`
  }
}
