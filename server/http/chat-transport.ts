import { type AppRouter, appRouter } from '../app-router.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { ChatError } from '../errors/chat-error.ts'
import { closeCodeOf } from '../errors/connection-errors.ts'
import { userKey } from '../lib/keys.ts'
import type { AdmittedBounds, ConnectionLimit } from '../transport/connection-bounds.ts'
import type { KeyedCount } from '../transport/keyed-count.ts'
import type { TransportLimits } from '../transport/transport-options.ts'
import { WebSocketTransport } from '../transport/websocket-transport.ts'
import type { AddressGate } from './address-gate.ts'
import type { ClientAddresses } from './client-address.ts'
import { isAllowedOrigin, type OriginRules } from './origin-rules.ts'
import type { TrafficLog } from './traffic-log.ts'

/** Bounds and timings of connections. */
export interface ConnectionTuning {
  limits: TransportLimits
  /** Bounds of a service's connection, which replace the usual ones. */
  serviceLimits: AdmittedBounds
  authDeadlineMs: number
  keepAlive: { pingMs: number; pongWaitMs: number }
}

export interface ChatTransportParts {
  authenticator: Authenticator
  origins: OriginRules
  addresses: ClientAddresses
  gate: AddressGate
  traffic: TrafficLog
  /** Connections per user, WebSockets and others together. */
  connectionsOfUser: KeyedCount
  /** False if RATE_LIMIT is off: frames and calls are then not counted. */
  isCounting: boolean
  overLimit(limit: ConnectionLimit): ChatError
}

const NOT_COUNTED = { frameRate: undefined, maxCalls: undefined, userCallRate: undefined }

/** The router over WebSocket: admission, bounds, and the errors for refused connections. */
export function createChatTransport(
  parts: ChatTransportParts,
  { limits, serviceLimits, authDeadlineMs, keepAlive }: ConnectionTuning,
): WebSocketTransport<AppRouter> {
  const { authenticator, origins, addresses, gate, traffic, connectionsOfUser } = parts
  const withoutCounting = parts.isCounting ? {} : NOT_COUNTED
  const limitsOfService = { ...serviceLimits, ...withoutCounting }
  return new WebSocketTransport({
    router: appRouter,
    path: '/trpc',
    isAllowedOrigin: (origin, host) => isAllowedOrigin(origins, origin, host),
    admit: async (_req, params, connectionId) => {
      const admission = await authenticator.admitConnection(params?.['token'], { connectionId })
      return admission.context.session?.role === 'service' ? { ...admission, limits: limitsOfService } : admission
    },
    listener: traffic,
    userOf: ({ session }) => session && userKey(session),
    connectionsOfUser,
    addressOf: (req) => addresses.networkOf(req),
    connectionsOfAddress: gate.open,
    limits: { maxConnectionsPerAddress: gate.max, ...limits, ...withoutCounting },
    overLimit: (limit) => parts.overLimit(limit),
    closeCodeOf,
    lateError: () => new ChatError('UNAUTHENTICATED', { message: 'Unable to wait longer; no token was sent' }),
    stopError: () => new ChatError('SHUTTING_DOWN'),
    authDeadlineMs,
    keepAlive,
    onError: (error) => traffic.onFailure(error),
  })
}
