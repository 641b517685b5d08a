import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Context } from '../rpc/context.ts'
import type { ConnectionLimit } from '../transport/connection-bounds.ts'
import type { ClosedConnection, ConnectionListener } from '../transport/transport-options.ts'
import type { UpgradeRefusal } from '../transport/upgrade-guard.ts'
import type { ClientAddresses } from './client-address.ts'

/** A request over HTTP that was answered, or an event stream that has ended. */
export interface AnsweredRequest {
  requestId: string
  method: string
  /** The route's pattern or the procedures: never the path or query, which hold codes, tokens and content. */
  route: string
  status: number
  lastedMs: number
}

/** Codes of ordinary closes; other codes are worth a look. */
const ORDINARY_CODES: ReadonlySet<number> = new Set([
  1000,
  1001,
  1005,
  1006,
  CLOSE_CODES.RESTARTING,
  CLOSE_CODES.TOKEN_EXPIRED,
])
/** Codes that are counted individually; a peer may send any other. (RFC 6455, section 7.4.1) */
const KNOWN_CODES: ReadonlySet<number> = new Set([...ORDINARY_CODES, 1002, 1007, 1009, ...Object.values(CLOSE_CODES)])

/**
 * Counts and logs connections, requests and refusals, but never content or tokens. Ordinary traffic is logged at `debug`.
 * Connections that the server closed for a reason that may need attention are logged at `info`.
 */
export class TrafficLog implements ConnectionListener<Context> {
  opened = 0
  readonly closed = new Map<string, number>()
  readonly upgradesRefused = new Map<string, number>()
  readonly responses = new Map<string, number>()
  /** Number of times that each connection limit was exceeded. */
  readonly overLimit = new Map<ConnectionLimit, number>()
  readonly #log: Logger
  readonly #addresses: ClientAddresses

  constructor(log: Logger, addresses: ClientAddresses) {
    this.#log = log
    this.#addresses = addresses
  }

  onOpen({ id, req }: { id: string; req: IncomingMessage }): void {
    this.opened++
    this.#log.debug({ connectionId: id, address: this.#addressOf(req) }, 'connection opened')
  }

  onClose({ id, req, code, error, lastedMs, context }: ClosedConnection<Context>): void {
    count(this.closed, KNOWN_CODES.has(code) ? String(code) : 'other')
    const { tenantId, userId } = context?.session ?? {}
    const reason = error instanceof ChatError ? error.reason : error?.code
    const entry = { connectionId: id, code, reason, lastedMs, tenantId, userId, address: this.#addressOf(req) }
    this.#log[ORDINARY_CODES.has(code) ? 'debug' : 'info'](entry, 'connection closed')
  }

  onUpgradeRefused(req: IncomingMessage, { status }: UpgradeRefusal): void {
    count(this.upgradesRefused, String(status))
    // Reveals pages that are missing from ALLOWED_ORIGINS.
    const { origin, host } = req.headers
    this.#log.debug({ status, origin, host, address: this.#addressOf(req) }, 'upgrade refused')
  }

  onResponse(answered: AnsweredRequest): void {
    count(this.responses, String(answered.status))
    this.#log.debug(answered, 'request answered')
  }

  /** Logs a connection's failure. Nothing that the peer sent is kept: a parser's error would quote it. */
  onFailure(error: unknown): void {
    if (!(error instanceof Error)) return
    this.#log.debug({ type: error.name, code: codeOf(error), cause: codeOf(error.cause) }, 'a connection failed')
  }

  onOverLimit(limit: ConnectionLimit): void {
    count(this.overLimit, limit)
  }

  #addressOf(req: IncomingMessage): string | undefined {
    return this.#addresses.of(req) ?? req.socket.remoteAddress
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

function count<T>(counts: Map<T, number>, key: T): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
