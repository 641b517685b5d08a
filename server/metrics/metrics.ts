import { AggregatorRegistry, collectDefaultMetrics, type PrometheusContentType, Registry } from 'prom-client'
import { confabReadings, type MetricSources } from './confab-readings.ts'

/** These go through every socket for each scrape: with 16,000 of them the event loop stood still for 100 ms. */
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
 * What one app says of itself. Nothing is measured here: what serves counts in plain numbers, and they are read when somebody asks. A
 * registry is made for the process's own metrics alone, when they are first wanted.
 */
export class Metrics {
  readonly #sources: MetricSources
  #process: Registry | undefined

  constructor(sources: MetricSources) {
    this.#sources = sources
  }

  /** From here on the delay of the event loop and garbage collections are watched, to the end of the process. Idempotent. */
  watchProcess(): Registry {
    if (this.#process) return this.#process
    this.#process = new Registry()
    collectDefaultMetrics({ register: this.#process })
    for (const name of SLOW) this.#process.removeSingleMetric(name)
    return this.#process
  }

  /** Everything as plain objects; those of several processes are put together by `AggregatorRegistry.aggregate`. */
  async readings(): Promise<object[]> {
    return [...confabReadings(this.#sources), ...(await this.watchProcess().getMetricsAsJSON())]
  }

  /** Everything in Prometheus's text format. */
  async text(): Promise<string> {
    const own = AggregatorRegistry.aggregate<PrometheusContentType>([confabReadings(this.#sources)])
    return `${await own.metrics()}\n${await this.watchProcess().metrics()}`
  }
}
