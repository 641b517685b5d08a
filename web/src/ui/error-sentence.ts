import { type ChatFailure, toChatFailure } from '../../../client/client-entry.ts'
import type { ChatErrorReason } from '../../../shared/index.ts'
import { untilTime } from './times.ts'

/** Every error as a sentence for the user. */
const SENTENCES: Record<ChatErrorReason, string> = {
  UNAUTHENTICATED: 'You are not signed in. Sign in again.',
  TOKEN_INVALID: 'The server rejected this sign-in. Sign in again.',
  TOKEN_EXPIRED: 'Your sign-in has expired. Sign in again.',
  TOKEN_REVOKED: 'You were signed out. Sign in again.',
  USER_BANNED: 'Your account is banned from this server.',
  FORBIDDEN: 'You don’t have permission to do that.',
  NOT_FOUND: 'This no longer exists, or you don’t have access to it.',
  NOT_A_MEMBER: 'You are not a member of this room.',
  BLOCKED: 'You can’t send messages to this person.',
  MUTED: 'You’re muted in this room.',
  SLOW_MODE: 'Slow mode is on. Wait a moment before your next message.',
  SLOW_CONSUMER: 'Your connection is too slow. Reconnecting…',
  RATE_LIMITED: 'You’re doing that too fast. Wait a moment and try again.',
  ROOM_ARCHIVED: 'This room is archived. Nothing in it can be changed.',
  ROOM_FROZEN: 'This room is read-only.',
  DIRECT_ROOM: 'You can’t do that in a direct message.',
  MEMBER_BANNED: 'You’re banned from this room.',
  INVITE_EXPIRED: 'This invite has expired. Ask for a new one.',
  INVITE_USED_UP: 'This invite has reached its maximum uses. Ask for a new one.',
  LARGE_ROOM: 'This room has too many members for that.',
  LAST_OWNER: 'You own this room. Transfer ownership first.',
  MESSAGE_DELETED: 'This message has been deleted.',
  TOO_MANY_REACTIONS: 'This message has the maximum number of different reactions.',
  TOO_MANY_PINS: 'Pin limit reached. Unpin another message first.',
  CONTENT_REFUSED: 'This message contains blocked words.',
  REPORT_RESOLVED: 'This report was already resolved.',
  CLIENT_ID_REUSED: 'This message was already sent with different text. Send it as a new message.',
  LIMIT_REACHED: 'Limit reached. Remove some first.',
  NOT_PENDING: 'This message was already sent.',
  SEARCH_TIMEOUT: 'The search took too long. Add more words, or search in one room.',
  INVALID_INPUT: 'The server rejected this.',
  PAYLOAD_TOO_LARGE: 'This is too large to send.',
  UNAVAILABLE: 'The server can’t reach its database. Try again in a moment.',
  SHUTTING_DOWN: 'The server is restarting. Try again in a moment.',
  CLIENT_CLOSED: 'You signed out. Sign in again to continue.',
  INTERNAL: 'Something went wrong on the server. Try again.',
}

const NO_ANSWER = 'The connection was lost before the server answered. Try again.'

/** The reason as a sentence. */
export const reasonSentence = (reason: ChatErrorReason): string => SENTENCES[reason]

/** A failure as a sentence. A wait that it names counts from `at`, when it arrived. */
export function failureSentence(failure: ChatFailure, at = Date.now()): string {
  const { reason, retryAfterMs } = failure
  if (!reason) return NO_ANSWER
  if (reason === 'INVALID_INPUT') return `${SENTENCES.INVALID_INPUT} ${firstIssue(failure)}`.trim()
  if (!retryAfterMs) return SENTENCES[reason]
  if (reason === 'SLOW_MODE') return `Slow mode: you can send another message in ${seconds(retryAfterMs)}.`
  const until = untilTime(new Date(at + retryAfterMs))
  return until && UNTIL_A_TIME.has(reason) ? `${SENTENCES[reason].slice(0, -1)} until ${until}.` : SENTENCES[reason]
}

/** Reasons that end at a time that the server names. */
const UNTIL_A_TIME: ReadonlySet<ChatErrorReason> = new Set(['USER_BANNED', 'MEMBER_BANNED', 'MUTED'])

/** Any error as a sentence. */
export const errorSentence = (error: unknown, at?: number): string => failureSentence(toChatFailure(error), at)

const seconds = (ms: number) => {
  const count = Math.ceil(ms / 1_000)
  return count === 1 ? 'one second' : `${count} seconds`
}

/** "name: at most 100 characters", as a sentence. */
function firstIssue({ issues: [issue] }: ChatFailure): string {
  if (!issue) return ''
  const text = `${issue.path ? `${issue.path}: ` : ''}${issue.message}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
