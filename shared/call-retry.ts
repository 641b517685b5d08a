import type { Operation, TRPCClientError } from '@trpc/client'
import type { AppRouter } from '../server/rpc/app-router.ts'
import { backOff } from './back-off.ts'

/** Mutations that change nothing when they run twice. Others are safe with a `clientId`, by which the server knows a repetition. */
const REPEATABLE = new Set([
  'room.direct',
  'room.update',
  'room.join',
  'room.settings',
  'preferences.update',
  'invite.revoke',
  'receipt.read',
  'receipt.delivered',
  'thread.follow',
  'thread.unfollow',
  'thread.read',
  'typing.set',
  'presence.set',
  'user.update',
  'user.upsert',
  'member.mute',
  'member.unmute',
  'message.edit',
  'message.delete',
  'message.pin',
  'message.unpin',
  'message.hide',
  'message.unhide',
  'reaction.add',
  'reaction.remove',
])

/** How often a call is sent at most. */
const MAX_ATTEMPTS = 5
const BACK_OFF_MAX_MS = 8_000
/** Keeps clients of one user from coming back in the same moment. */
const SPREAD_MS = 250

export interface FailedCall {
  op: Operation
  error: TRPCClientError<AppRouter>
  /** How often it was sent by now. */
  attempts: number
}

export interface RetryPause {
  ms: number
  /** Later calls of the same procedure wait, too: they would fail alike, or overtake this one. */
  holdsPath: boolean
}

/**
 * The pause before a failed call is sent again; undefined where it is given up. RATE_LIMITED means that the call did not run, so any
 * is repeated; where whether it ran is unknown, those are that change nothing when they run twice.
 */
export function callRetry({ op, error, attempts }: FailedCall, maxWaitMs: number): RetryPause | undefined {
  if (attempts >= MAX_ATTEMPTS || op.signal?.aborted) return undefined
  const pauseMs = backOff(attempts, BACK_OFF_MAX_MS)
  if (isUnanswered(error)) return isRepeatable(op) ? { ms: pauseMs, holdsPath: true } : undefined
  const { reason, retryAfterMs } = error.data ?? {}
  if ((retryAfterMs ?? 1) > maxWaitMs) return undefined
  if (reason === 'RATE_LIMITED') {
    return { ms: retryAfterMs === undefined ? pauseMs : retryAfterMs + Math.random() * SPREAD_MS, holdsPath: true }
  }
  const isSafe = reason === 'UNAVAILABLE' && retryAfterMs !== undefined && isRepeatable(op)
  return isSafe ? { ms: retryAfterMs + pauseMs, holdsPath: false } : undefined
}

/** No answer came: neither a result nor an error of the server, so whether the call ran is unknown. */
export const isUnanswered = (error: TRPCClientError<AppRouter>): boolean =>
  error.data === undefined && error.shape === undefined

function isRepeatable({ type, path, input }: Operation): boolean {
  if (type !== 'mutation') return type === 'query'
  if (REPEATABLE.has(path)) return true
  return typeof input === 'object' && input !== null && 'clientId' in input && typeof input.clientId === 'string'
}
