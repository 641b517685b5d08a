import { TRPCError } from '@trpc/server'
import { CLOSE_CODES } from '../../shared/close-codes.ts'
import { CHAT_ERRORS, type ChatErrorReason } from '../../shared/errors.ts'
import type { ConnectionLimit } from '../transport/connection-bounds.ts'
import { ChatError } from './chat-error.ts'

const OVER_LIMIT_RETRY_MS = 500

/** How a connection is closed by what ends it. */
const CLOSE_CODE_OF: Partial<Record<ChatErrorReason, number>> = {
  TOKEN_EXPIRED: CLOSE_CODES.TOKEN_EXPIRED,
  TOKEN_REVOKED: CLOSE_CODES.TOKEN_REVOKED,
  TOKEN_INVALID: CLOSE_CODES.TOKEN_INVALID,
  UNAUTHENTICATED: CLOSE_CODES.UNAUTHENTICATED,
  USER_BANNED: CLOSE_CODES.USER_BANNED,
  SHUTTING_DOWN: CLOSE_CODES.RESTARTING,
  UNAVAILABLE: CLOSE_CODES.OVERLOADED,
}

/** What a limit is called where it is not simply too many calls. */
const REASON_OF_LIMIT: Partial<Record<ConnectionLimit, ChatErrorReason>> = {
  frameBytes: 'PAYLOAD_TOO_LARGE',
  callBytes: 'PAYLOAD_TOO_LARGE',
  callValues: 'INVALID_INPUT',
  // The same batch would be too large again: no reason to wait.
  batchSize: 'INVALID_INPUT',
  queuedBytes: 'SLOW_CONSUMER',
}

/** What is said where the reason alone would not tell what to change. */
const MESSAGE_OF_LIMIT: Partial<Record<ConnectionLimit, string>> = {
  callValues: 'Unable to read the call; it holds too many values or levels',
  batchSize: 'Unable to read the batch; it holds too many calls',
}

/** How a connection is closed by a limit. */
const CLOSE_CODE_OF_LIMIT: Partial<Record<ConnectionLimit, number>> = {
  frameBytes: 1009,
  batchSize: CLOSE_CODES.PROTOCOL_ERROR,
  queuedBytes: CLOSE_CODES.SLOW_CONSUMER,
  connectionsPerUser: CLOSE_CODES.TOO_MANY_CONNECTIONS,
  connectionsPerAddress: CLOSE_CODES.TOO_MANY_CONNECTIONS,
}

/** What a client is told of a limit of its connection. */
export function overLimit(limit: ConnectionLimit): ChatError {
  const reason = REASON_OF_LIMIT[limit] ?? 'RATE_LIMITED'
  const message = MESSAGE_OF_LIMIT[limit]
  return new ChatError(reason, {
    ...(message === undefined ? {} : { message }),
    ...(CHAT_ERRORS[reason].retry === 'wait' ? { retryAfterMs: OVER_LIMIT_RETRY_MS } : {}),
  })
}

/** How a connection is closed by what ends it, or by a limit. */
export const closeCodeOf = (error: unknown, limit: ConnectionLimit | undefined): number =>
  (limit && CLOSE_CODE_OF_LIMIT[limit]) ??
  (error instanceof ChatError ? CLOSE_CODE_OF[error.reason] : undefined) ??
  (error instanceof TRPCError && error.code === 'PARSE_ERROR' ? CLOSE_CODES.PROTOCOL_ERROR : undefined) ??
  CLOSE_CODES.OVERLOADED
