import type { ServerOptions } from 'node:http'

/** Timeouts of an HTTP server for its peers, in milliseconds. */
export interface HttpTimes {
  /** From the connection, or the first byte after a pause, to the end of a request's headers. */
  headersMs: number
  /** The same to the end of its body, even if every single byte arrives in time. */
  requestMs: number
  /** Interval of the checks for both: a request ends at most this much later. */
  checkMs: number
  /** Idle time between requests. Longer than proxies keep idle connections. */
  keepAliveMs: number
  /** Time without a byte in either direction, for example when a reader does not read. Streams are pinged more often. */
  silenceMs: number
}

export const HTTP_TIMES: HttpTimes = {
  headersMs: 10_000,
  requestMs: 20_000,
  checkMs: 5_000,
  keepAliveMs: 72_000,
  silenceMs: 60_000,
}

/** The timeouts as options of Node's server, whose `timeout` is `silenceMs`. */
export const serverTimes = ({ headersMs, requestMs, checkMs, keepAliveMs }: HttpTimes) =>
  ({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    keepAliveTimeout: keepAliveMs,
  }) satisfies ServerOptions
