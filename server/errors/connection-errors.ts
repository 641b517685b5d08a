import { TRPCError } from '@trpc/server'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { CHAT_ERRORS, type ChatErrorReason } from '../../shared/errors.ts'
import type { ConnectionLimit } from '../transport/connection-bounds.ts'
import { ChatError } from './chat-error.ts'

const OVER_LIMIT_RETRY_MS = 500

/** The close code for an error that ends a connection. */
const CLOSE_CODE_OF: Partial<Record<ChatErrorReason, number>> = {
  TOKEN_EXPIRED: CLOSE_CODES.TOKEN_EXPIRED,
  TOKEN_REVOKED: CLOSE_CODES.TOKEN_REVOKED,
  TOKEN_INVALID: CLOSE_CODES.TOKEN_INVALID,
  UNAUTHENTICATED: CLOSE_CODES.UNAUTHENTICATED,
  USER_BANNED: CLOSE_CODES.USER_BANNED,
  SHUTTING_DOWN: CLOSE_CODES.RESTARTING,
  UNAVAILABLE: CLOSE_CODES.OVERLOADED,
}

/** The reason for a limit; RATE_LIMITED for the others. */
const REASON_OF_LIMIT: Partial<Record<ConnectionLimit, ChatErrorReason>> = {
  frameBytes: 'PAYLOAD_TOO_LARGE',
  callBytes: 'PAYLOAD_TOO_LARGE',
  callValues: 'INVALID_INPUT',
  // The same batch would be too large again, so waiting does not help.
  batchSize: 'INVALID_INPUT',
  queuedBytes: 'SLOW_CONSUMER',
}

/** The message for a limit where that of the reason does not say what to change. */
const MESSAGE_OF_LIMIT: Partial<Record<ConnectionLimit, string>> = {
  callValues: 'Unable to read the call; send fewer values and levels in it',
  batchSize: 'Unable to read the batch; send fewer calls in it',
  calls: 'Unable to take the call; too many are in flight, wait for one to be answered',
  subscriptions: 'Unable to take the subscription; too many are open, stop one first',
  connectionsPerUser: 'Unable to connect; this user has too many connections, close one first',
  connectionsPerAddress: 'Unable to connect; this address has too many connections, close one first',
}

/** The close code for a limit. */
const CLOSE_CODE_OF_LIMIT: Partial<Record<ConnectionLimit, number>> = {
  frameBytes: 1009,
  batchSize: CLOSE_CODES.PROTOCOL_ERROR,
  queuedBytes: CLOSE_CODES.SLOW_CONSUMER,
  connectionsPerUser: CLOSE_CODES.TOO_MANY_CONNECTIONS,
  connectionsPerAddress: CLOSE_CODES.TOO_MANY_CONNECTIONS,
}

/** The error for a client that exceeds a limit of its connection. */
export function overLimit(limit: ConnectionLimit): ChatError {
  const reason = REASON_OF_LIMIT[limit] ?? 'RATE_LIMITED'
  const message = MESSAGE_OF_LIMIT[limit]
  return new ChatError(reason, {
    ...(message === undefined ? {} : { message }),
    ...(CHAT_ERRORS[reason].retry === 'wait' ? { retryAfterMs: OVER_LIMIT_RETRY_MS } : {}),
  })
}

/** The close code for an error that ends a connection, and for the limit if that was the reason. */
export const closeCodeOf = (error: unknown, limit: ConnectionLimit | undefined): number =>
  (limit && CLOSE_CODE_OF_LIMIT[limit]) ??
  (error instanceof ChatError ? CLOSE_CODE_OF[error.reason] : undefined) ??
  (error instanceof TRPCError && error.code === 'PARSE_ERROR' ? CLOSE_CODES.PROTOCOL_ERROR : undefined) ??
  CLOSE_CODES.OVERLOADED
