import { type ChatFailure, toChatFailure } from '../../../client/client-entry.ts'
import type { ChatErrorReason } from '../../../shared/index.ts'

/** What went wrong, in words for whoever sits before the screen. */
const SENTENCES: Record<ChatErrorReason, string> = {
  UNAUTHENTICATED: 'You are not signed in. Sign in again to go on.',
  TOKEN_INVALID: 'The server does not accept this sign-in. Sign in again to go on.',
  TOKEN_EXPIRED: 'Your sign-in has expired. Sign in again to go on.',
  TOKEN_REVOKED: 'Your sign-in was ended from elsewhere. Sign in again to go on.',
  USER_BANNED: 'Your account is blocked on this server.',
  FORBIDDEN: 'Your role in this room does not allow that.',
  NOT_FOUND: 'This is not here any more, or it is not yours to see.',
  NOT_A_MEMBER: 'You are not a member of this room.',
  BLOCKED: 'This person does not take messages from you.',
  MUTED: 'You are muted in this room at the moment.',
  SLOW_MODE: 'This room is in slow mode. Wait a little before the next message.',
  SLOW_CONSUMER: 'This connection could not keep up. Reconnecting…',
  RATE_LIMITED: 'That was a lot at once. Wait a moment and try again.',
  ROOM_ARCHIVED: 'This room is archived, nothing in it can change.',
  ROOM_FROZEN: 'This room is frozen: it can be read, but nobody can write.',
  DIRECT_ROOM: 'That is not possible in a direct conversation.',
  MEMBER_BANNED: 'Banned from this room.',
  INVITE_EXPIRED: 'This invite has expired. Ask for a new one.',
  INVITE_USED_UP: 'This invite is used up. Ask for a new one.',
  LARGE_ROOM: 'There are too many people in this room for that.',
  LAST_OWNER: 'You own this room. Hand it over to somebody else first.',
  MESSAGE_DELETED: 'This message has been deleted.',
  TOO_MANY_REACTIONS: 'This message has as many different reactions as it can have.',
  TOO_MANY_PINS: 'This room has as many pinned messages as it can have. Unpin another one first.',
  CONTENT_REFUSED: 'This message contains blocked words.',
  REPORT_RESOLVED: 'Somebody else has dealt with this report.',
  CLIENT_ID_REUSED: 'This message was already sent with other words. Copy it and send it as a new one.',
  LIMIT_REACHED: 'There are as many of these as there may be. Remove some first.',
  NOT_PENDING: 'This message was sent already.',
  SEARCH_TIMEOUT: 'The search took too long. Try more words, or one room.',
  INVALID_INPUT: 'The server can’t accept this.',
  PAYLOAD_TOO_LARGE: 'This is too large to send.',
  UNAVAILABLE: 'The server can’t reach its database. Try again in a moment.',
  SHUTTING_DOWN: 'The server is restarting. Try again in a moment.',
  INTERNAL: 'Something went wrong on the server. Try again.',
}

const NO_ANSWER = 'The connection was lost before the server answered. Try again.'

/** The reason as a sentence. */
export const reasonSentence = (reason: ChatErrorReason): string => SENTENCES[reason]

/** A failure as a sentence. */
export function failureSentence(failure: ChatFailure): string {
  const { reason, retryAfterMs } = failure
  if (!reason) return NO_ANSWER
  if (reason === 'INVALID_INPUT') return `${SENTENCES.INVALID_INPUT} ${firstIssue(failure)}`.trim()
  return reason === 'SLOW_MODE' && retryAfterMs
    ? `Slow mode: you can write again in ${seconds(retryAfterMs)}.`
    : SENTENCES[reason]
}

/** Any error as a sentence. */
export const errorSentence = (error: unknown): string => failureSentence(toChatFailure(error))

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
