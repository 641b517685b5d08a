import type { TRPC_ERROR_CODE_KEY } from '@trpc/server'

interface ErrorEntry {
  /** The tRPC code, and with it the HTTP status. */
  code: TRPC_ERROR_CODE_KEY
  /** Whether the same call may succeed later (`wait`), with a new token (`token`), or not at all (`never`). */
  retry: 'never' | 'wait' | 'token'
  /** The default message: what happened, and what to do. */
  message: string
}

/** Every error that a caller can get, by the `reason` that clients branch on. A message reads "Unable to X; Y". */
export const CHAT_ERRORS = {
  UNAUTHENTICATED: { code: 'UNAUTHORIZED', retry: 'token', message: 'Unable to identify the caller; send a token' },
  TOKEN_INVALID: {
    code: 'UNAUTHORIZED',
    retry: 'never',
    message: 'Unable to accept the token; it is not valid here, check its signature and claims',
  },
  TOKEN_EXPIRED: {
    code: 'UNAUTHORIZED',
    retry: 'token',
    message: 'Unable to accept the token; it has expired, send a new one',
  },
  TOKEN_REVOKED: {
    code: 'UNAUTHORIZED',
    retry: 'token',
    message: 'Unable to accept the token; it was revoked, send a new one',
  },
  USER_BANNED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to act; this user is banned' },
  FORBIDDEN: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to do this; your role does not allow it' },
  NOT_FOUND: {
    code: 'NOT_FOUND',
    retry: 'never',
    message: 'Unable to find it; it does not exist, or you may not see it',
  },
  NOT_A_MEMBER: {
    code: 'FORBIDDEN',
    retry: 'never',
    message: 'Unable to act in this room; you are not a member, join it first',
  },
  BLOCKED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to write to this user; you are blocked' },
  MUTED: { code: 'FORBIDDEN', retry: 'wait', message: 'Unable to send; you are muted in this room' },
  SLOW_MODE: {
    code: 'TOO_MANY_REQUESTS',
    retry: 'wait',
    message: 'Unable to send yet; this room is in slow mode, wait a little',
  },
  RATE_LIMITED: {
    code: 'TOO_MANY_REQUESTS',
    retry: 'wait',
    message: 'Unable to take the call now; there were too many, try again later',
  },
  SLOW_CONSUMER: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to keep up with this connection; it reads too slowly, connect again and resume',
  },
  ROOM_ARCHIVED: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to change this room; it is archived' },
  ROOM_FROZEN: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to send; this room is frozen' },
  DIRECT_ROOM: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to do this; it is a direct conversation',
  },
  MEMBER_BANNED: { code: 'FORBIDDEN', retry: 'never', message: 'Unable to join this room; you are banned from it' },
  INVITE_EXPIRED: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to join; this invite has expired, ask for another one',
  },
  INVITE_USED_UP: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to join; this invite is used up, ask for another one',
  },
  LARGE_ROOM: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to subscribe to this in a large room; query it page by page',
  },
  LAST_OWNER: { code: 'PRECONDITION_FAILED', retry: 'never', message: 'Unable to leave; transfer the ownership first' },
  MESSAGE_DELETED: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to change the message; it was deleted',
  },
  TOO_MANY_REACTIONS: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to react with another emoji; the message has too many different ones, use one of them',
  },
  TOO_MANY_PINS: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to pin; the room has too many pinned messages, unpin one first',
  },
  CONTENT_REFUSED: {
    code: 'UNPROCESSABLE_CONTENT',
    retry: 'never',
    message: 'Unable to accept this text; it contains blocked words, change it first',
  },
  REPORT_RESOLVED: {
    code: 'CONFLICT',
    retry: 'never',
    message: 'Unable to resolve the report; it is resolved already',
  },
  CLIENT_ID_REUSED: {
    code: 'CONFLICT',
    retry: 'never',
    message: 'Unable to repeat the call; this clientId was used with other content, use another one',
  },
  LIMIT_REACHED: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to add another one; the limit is reached, remove one first',
  },
  NOT_PENDING: {
    code: 'PRECONDITION_FAILED',
    retry: 'never',
    message: 'Unable to change the scheduled message; it is sent already',
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
    message: 'Unable to read the input; it is too large, send less at once',
  },
  UNAVAILABLE: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to reach the database; try again shortly',
  },
  SHUTTING_DOWN: {
    code: 'SERVICE_UNAVAILABLE',
    retry: 'wait',
    message: 'Unable to continue here; the server is restarting, connect again',
  },
  /** Only the client raises it. It is unknown whether a call in flight has run. */
  CLIENT_CLOSED: {
    code: 'CLIENT_CLOSED_REQUEST',
    retry: 'never',
    message: 'Unable to call; the client is closed, create another one',
  },
  INTERNAL: {
    code: 'INTERNAL_SERVER_ERROR',
    retry: 'never',
    message: 'Unable to complete the call; an unexpected error, which the server logged with this errorId',
  },
} as const satisfies Record<string, ErrorEntry>

/** The value to branch on: `error.data.reason`. */
export type ChatErrorReason = keyof typeof CHAT_ERRORS

/** One fault of an input: the field (`memberIds.3`) and its error. */
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

/** The most faults that a validation error names. */
export const MAX_ISSUES = 5
