import type { Operation, TRPCClientError } from '@trpc/client'
import type { AppRouter } from '../server/app-router.ts'
import { backOff } from './back-off.ts'

/**
 * Mutations that change nothing when they run twice. Others are safe with a `clientId`, by which the server recognizes a
 * repetition.
 */
const REPEATABLE = new Set([
  'room.direct',
  'room.update',
  'room.join',
  'room.settings',
  'preferences.update',
  'invite.revoke',
  'receipt.read',
  'receipt.markUnread',
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

/** Procedures that undo each other. The last of the two decides, so both wait in one line. */
const LINE_OF: ReadonlyMap<string, string> = new Map([
  ['room.unarchive', 'room.archive'],
  ['room.unfreeze', 'room.freeze'],
  ['member.unmute', 'member.mute'],
  ['member.unban', 'member.ban'],
  ['user.unban', 'user.ban'],
  ['user.unblock', 'user.block'],
  ['message.unpin', 'message.pin'],
  ['message.unhide', 'message.hide'],
  ['reaction.remove', 'reaction.add'],
  ['thread.unfollow', 'thread.follow'],
  ['receipt.markUnread', 'receipt.read'],
])

/** The line in which calls of a procedure wait. They leave in the order in which they were made. */
export const lineOf = (path: string): string => LINE_OF.get(path) ?? path

/** How often a call is sent at most. */
const MAX_ATTEMPTS = 5
const BACK_OFF_MAX_MS = 8_000
/** Keeps the clients of one user from retrying at the same moment. */
const SPREAD_MS = 250

export interface FailedCall {
  op: Operation
  error: TRPCClientError<AppRouter>
  /** How often it has been sent so far. */
  attempts: number
}

/**
 * The pause before a failed call is sent again, in milliseconds, or undefined if the call is given up. RATE_LIMITED means that
 * the call did not run, so any call is repeated. If it is unknown whether the call ran, only calls that change nothing when they
 * run twice are repeated.
 */
export function callRetry({ op, error, attempts }: FailedCall, maxWaitMs: number): number | undefined {
  if (attempts >= MAX_ATTEMPTS || op.signal?.aborted) return undefined
  const pauseMs = backOff(attempts, BACK_OFF_MAX_MS)
  if (isUnanswered(error)) return isRepeatable(op) ? pauseMs : undefined
  const { reason, retryAfterMs } = error.data ?? {}
  if ((retryAfterMs ?? 1) > maxWaitMs) return undefined
  if (reason === 'RATE_LIMITED') {
    return retryAfterMs === undefined ? pauseMs : retryAfterMs + Math.random() * SPREAD_MS
  }
  const isSafe = reason === 'UNAVAILABLE' && retryAfterMs !== undefined && isRepeatable(op)
  return isSafe ? retryAfterMs + pauseMs : undefined
}

/** No answer came, neither a result nor an error of the server. It is unknown whether the call ran. */
export const isUnanswered = (error: TRPCClientError<AppRouter>): boolean =>
  error.data === undefined && error.shape === undefined

function isRepeatable({ type, path, input }: Operation): boolean {
  if (type !== 'mutation') return type === 'query'
  if (REPEATABLE.has(path)) return true
  return typeof input === 'object' && input !== null && 'clientId' in input && typeof input.clientId === 'string'
}
