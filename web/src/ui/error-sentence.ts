import { CHAT_ERRORS, type ChatErrorReason } from '../../../shared/index.ts'

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
  MUTED: 'You are muted in this room at the moment.',
  SLOW_MODE: 'This room is in slow mode. Wait a little before the next message.',
  SLOW_CONSUMER: 'This connection could not keep up. Reconnecting…',
  RATE_LIMITED: 'That was a lot at once. Wait a moment and try again.',
  ROOM_ARCHIVED: 'This room is archived, nothing in it can change.',
  ROOM_FROZEN: 'This room is frozen: it can be read, but nobody can write.',
  DIRECT_ROOM: 'That is not possible in a direct conversation.',
  LAST_OWNER: 'You own this room. Hand it over to somebody else first.',
  MESSAGE_DELETED: 'This message has been deleted.',
  CLIENT_ID_REUSED: 'This message was already sent with other words. Copy it and send it as a new one.',
  INVALID_INPUT: 'The server can’t accept this.',
  PAYLOAD_TOO_LARGE: 'This is too large to send.',
  UNAVAILABLE: 'The server can’t reach its database. Try again in a moment.',
  SHUTTING_DOWN: 'The server is restarting. Try again in a moment.',
  INTERNAL: 'Something went wrong on the server. Try again.',
}

const NO_ANSWER = 'The connection was lost before the server answered. Try again.'

const isReason = (text: unknown): text is ChatErrorReason =>
  typeof text === 'string' && Object.hasOwn(CHAT_ERRORS, text)

/** The server's own account of an error; undefined where it never answered. */
function dataOf(error: unknown): object | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined
  return typeof error.data === 'object' && error.data !== null ? error.data : undefined
}

/** The reason to branch on, where the server gave one. */
export function reasonOf(error: unknown): ChatErrorReason | undefined {
  const data = dataOf(error)
  return data && 'reason' in data && isReason(data.reason) ? data.reason : undefined
}

/** Milliseconds after which the same may succeed, where the server named a time. */
export function retryAfter(error: unknown): number | undefined {
  const data = dataOf(error)
  return data && 'retryAfterMs' in data && typeof data.retryAfterMs === 'number' ? data.retryAfterMs : undefined
}

/** True where the same attempt may succeed later: no answer came, the server was busy, or it failed unexpectedly. */
export function canPass(error: unknown): boolean {
  const reason = reasonOf(error)
  return reason === undefined || reason === 'INTERNAL' || CHAT_ERRORS[reason].retry !== 'never'
}

/** The reason as a sentence. */
export const reasonSentence = (reason: ChatErrorReason): string => SENTENCES[reason]

/** Any error as a sentence. */
export function errorSentence(error: unknown): string {
  const reason = reasonOf(error)
  if (!reason) return dataOf(error) ? SENTENCES.INTERNAL : NO_ANSWER
  if (reason === 'INVALID_INPUT') return `${SENTENCES.INVALID_INPUT} ${firstIssue(error)}`.trim()
  const wait = retryAfter(error)
  return reason === 'SLOW_MODE' && wait ? `Slow mode: you can write again in ${seconds(wait)}.` : SENTENCES[reason]
}

const seconds = (ms: number) => {
  const count = Math.ceil(ms / 1_000)
  return count === 1 ? 'one second' : `${count} seconds`
}

/** "name: at most 100 characters", as a sentence. */
function firstIssue(error: unknown): string {
  const data = dataOf(error)
  const issue: unknown = data && 'issues' in data && Array.isArray(data.issues) ? data.issues[0] : undefined
  if (typeof issue !== 'object' || issue === null || !('message' in issue)) return ''
  const path = 'path' in issue && typeof issue.path === 'string' && issue.path ? `${issue.path}: ` : ''
  const text = `${path}${String(issue.message)}`
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
