import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

export interface UpgradeRules {
  /** The only path that is upgraded. */
  path: string
  /**
   * Whether a page of this origin may connect to this host. It is not asked without an origin: such requests come from programs.
   */
  isAllowedOrigin(origin: string, host: string): boolean
}

/** The response to a request that is not upgraded. */
export interface UpgradeRefusal {
  status: 400 | 403 | 404 | 405
  /** The reason phrase of the status. */
  text: string
  headers?: Record<string, string>
}

/** How long a peer may take to close after the refusal. */
const LINGER_MS = 2_000

/**
 * The refusal of an upgrade; undefined if it is allowed. Host, URL and Origin are checked here, before anything else trusts them.
 */
export function refuseUpgrade(req: IncomingMessage, rules: UpgradeRules): UpgradeRefusal | undefined {
  const host = req.headers.host ?? ''
  const address = URL.parse(`http://${host}${req.url ?? ''}`)
  if (!host || !req.url?.startsWith('/') || req.url.startsWith('//') || !address) {
    return { status: 400, text: 'Bad Request' }
  }
  if (address.pathname.replace(/\/$/, '') !== rules.path) return { status: 404, text: 'Not Found' }
  const { origin } = req.headers
  if (origin !== undefined && !rules.isAllowedOrigin(origin, host)) return { status: 403, text: 'Forbidden' }
  return undefined
}

/** Responds in HTTP and ends the socket. */
export function answerRefusal(socket: Duplex, { status, text, headers = {} }: UpgradeRefusal): void {
  const fields = Object.entries({ ...headers, Connection: 'close', 'Content-Length': '0' })
  socket.end(`HTTP/1.1 ${status} ${text}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  // A peer that neither reads nor closes would stay half open for ever.
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(cut))
  socket.resume()
}
