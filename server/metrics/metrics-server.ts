import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Registry } from 'prom-client'
import { isLoopback } from '../config.ts'
import { HTTP_TIMES, type HttpTimes, serverTimes } from '../http/http-times.ts'
import { hostnameOf } from '../http/origin-rules.ts'

/** More connections than scrapers need. */
const MAX_CONNECTIONS = 100

export interface MetricsServerOptions {
  port: number
  host: string
  /** The bearer token that scrapers must send. Without one, every request that reaches the port is answered. */
  token: string | undefined
  times?: HttpTimes
  text(): Promise<string>
  onError(error: unknown): void
}

export interface MetricsServer {
  port: number
  close(): Promise<void>
}

/** Serves `/metrics` on a port of its own, which the proxy for clients does not expose. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { times = HTTP_TIMES } = options
  const server = createServer(serverTimes(times), (req, res) => {
    answer(req, res, options).catch((error: unknown) => {
      options.onError(error)
      res.writeHead(500).end()
    })
  })
  server.setTimeout(times.silenceMs)
  server.maxConnections = MAX_CONNECTIONS
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(req: IncomingMessage, res: ServerResponse, options: MetricsServerOptions): Promise<void> {
  const { token, text } = options
  if (!isMeant(req, options)) return void res.writeHead(403).end()
  if (req.url?.split('?')[0] !== '/metrics') return void res.writeHead(404).end()
  if (!isAllowed(req, token)) return void res.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
  const body = await text()
  res.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(body)
}

/** Guards against DNS rebinding by web pages: without a token, only requests for this machine's own names are answered. */
function isMeant({ headers }: IncomingMessage, { host, token }: MetricsServerOptions): boolean {
  if (token !== undefined) return true
  const name = hostnameOf(headers.host)
  return name !== undefined && (isLoopback(name) || name === hostnameOf(host.includes(':') ? `[${host}]` : host))
}

function isAllowed({ headers }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true
  const [given, expected] = [headers.authorization ?? '', `Bearer ${token}`].map((text) => Buffer.from(text))
  return (
    given !== undefined &&
    expected !== undefined &&
    given.length === expected.length &&
    timingSafeEqual(given, expected)
  )
}
