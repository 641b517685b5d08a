import type { ServerOptions } from 'node:http'

/** How long an HTTP server waits for its peers, in milliseconds. */
export interface HttpTimes {
  /** From the connection, or the first byte after a pause, to the end of a request's headers. */
  headersMs: number
  /** The same to the end of its body: however slowly it comes, each byte in time. */
  requestMs: number
  /** How often both are looked at: a request ends that much later at most. */
  checkMs: number
  /** Between requests. Longer than proxies keep what is idle. */
  keepAliveMs: number
  /** Without a byte either way, as when a reader does not read its answer. Streams are pinged more often. */
  silenceMs: number
}

export const HTTP_TIMES: HttpTimes = {
  headersMs: 10_000,
  requestMs: 20_000,
  checkMs: 5_000,
  keepAliveMs: 72_000,
  silenceMs: 60_000,
}

/** Of a server of Node's; its `timeout` is `silenceMs`. */
export const serverTimes = ({ headersMs, requestMs, checkMs, keepAliveMs }: HttpTimes) =>
  ({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    keepAliveTimeout: keepAliveMs,
  }) satisfies ServerOptions
