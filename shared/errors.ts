import type { TRPC_ERROR_CODE_KEY } from '@trpc/server'

interface ErrorEntry {
  /** The tRPC code, and with it the HTTP status. */
  code: TRPC_ERROR_CODE_KEY
  /** Whether the same call may succeed later (`wait`), with a new token (`token`), or not at all (`never`). */
  retry: 'never' | 'wait' | 'token'
  /** What a person reads where the code that raises it has nothing better to say. */
  message: string
}

/** Every error that a caller can get, by the `reason` that clients branch on. */
export const CHAT_ERRORS = {
  UNAUTHENTICATED: { code: 'UNAUTHORIZED', retry: 'token', message: 'Unable to identify the caller; send a token' },
  TOKEN_INVALID: { code: 'UNAUTHORIZED', retry: 'never', message: 'Unable to accept the token; it is not valid here' },
  TOKEN_EXPIRED: { code: 'UNAUTHORIZED', retry: 'token', message: 'Unable to accept the token; it has expired' },
  TOKEN_REVOKED: { code: 'UNAUTHORIZED', retry: 'token', message: 'Unable to accept the token; it was revoked' },
  USER_BANNED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to act; this user is banned' },
  FORBIDDEN: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to do this; your role does not allow it' },
  NOT_FOUND: {
    code: 'NOT_FOUND',
    retry: 'never',
    message: 'Unable to find it; it does not exist or is not yours to see',
  },
  NOT_A_MEMBER: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to act in this room; not a member' },
  BLOCKED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to write to this user; blocked by them' },
  MUTED: { code: 'FORBIDDEN', retry: 'wait', message: 'Unable to send; muted in this room' },
  SLOW_MODE: { code: 'TOO_MANY_REQUESTS', retry: 'wait', message: 'Unable to send yet; this room is in slow mode' },
  RATE_LIMITED: {
    code: 'TOO_MANY_REQUESTS',
    retry: 'wait',
    message: 'Unable to take more calls now; too many at once',
  },
  SLOW_CONSUMER: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to keep up with this connection; it reads too slowly, come back and resume',
  },
  ROOM_ARCHIVED: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to change this room; it is archived' },
  ROOM_FROZEN: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to send; this room is frozen' },
  DIRECT_ROOM: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to do this; it is a direct conversation',
  },
  MEMBER_BANNED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to come into this room; banned from it' },
  INVITE_EXPIRED: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to join; this invite has expired' },
  INVITE_USED_UP: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to join; this invite is used up' },
  LARGE_ROOM: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to follow this in a large room; ask for it page by page',
  },
  LAST_OWNER: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to leave; hand the room over first' },
  MESSAGE_DELETED: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to change the message; it was deleted',
  },
  TOO_MANY_REACTIONS: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to react with another emoji; the message has as many kinds as it can have',
  },
  TOO_MANY_PINS: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to pin; the room has as many pinned messages as it can have',
  },
  CONTENT_REFUSED: {
    code: 'UNPROCESSABLE_CONTENT',
    retry: 'never',
    message: 'Unable to take this text; it holds words that are not allowed here',
  },
  REPORT_RESOLVED: {
    code: 'CONFLICT',
    retry: 'never',
    message: 'Unable to resolve the report; it has been resolved before',
  },
  CLIENT_ID_REUSED: {
    code: 'CONFLICT',
    retry: 'never',
    message: 'Unable to repeat the call; this clientId was used with other content',
  },
  LIMIT_REACHED: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to keep another one; there are as many as there may be',
  },
  NOT_PENDING: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to change the scheduled message; it was sent already',
  },
  SEARCH_TIMEOUT: {
    code: 'TIMEOUT',
    retry: 'wait',
    message: 'Unable to finish the search in time; name a room, a sender or more words',
  },
  INVALID_INPUT: { code: 'BAD_REQUEST', retry: 'never', message: 'Unable to read the input' },
  PAYLOAD_TOO_LARGE: {
    code: 'PAYLOAD_TOO_LARGE',
    retry: 'never',
    message: 'Unable to read the input; it is too large',
  },
  UNAVAILABLE: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to reach the database; try again shortly',
  },
  SHUTTING_DOWN: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to go on here; the server is restarting',
  },
  /** Of the client alone; whether a call that was in flight has run is unknown. */
  CLIENT_CLOSED: { code: 'CLIENT_CLOSED_REQUEST', retry: 'never', message: 'Unable to call; the client is closed' },
  INTERNAL: {
    code: 'INTERNAL_SERVER_ERROR',
    retry: 'never',
    message: 'Unable to complete the call; an unexpected error',
  },
} as const satisfies Record<string, ErrorEntry>

/** What a client branches on: `error.data.reason`. */
export type ChatErrorReason = keyof typeof CHAT_ERRORS

/** One fault of an input: where (`memberIds.3`), and what is wrong there. */
export interface InputIssue {
  path: string
  message: string
}

/** `error.data` of every error that a client of this API sees. */
export interface ChatErrorData {
  code: TRPC_ERROR_CODE_KEY
  httpStatus: number
  path?: string
  reason: ChatErrorReason
  /** Milliseconds after which the same call may succeed. */
  retryAfterMs?: number
  /** With INVALID_INPUT: at most five faults. */
  issues?: InputIssue[]
  /** With INTERNAL: the id under which the server logged the cause. */
  errorId?: string
}

/** How many faults a validation error names. */
export const MAX_ISSUES = 5
