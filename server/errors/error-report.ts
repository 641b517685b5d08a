import { randomUUID } from 'node:crypto'
import { TRPCError } from '@trpc/server'
import { CHAT_ERRORS, type ChatErrorReason, type InputIssue, MAX_ISSUES } from '../../shared/errors.ts'
import { ChatError } from './chat-error.ts'
import { isDatabaseAway } from './database-error.ts'

/** Logs what the caller does not see. */
export type ReportError = (entry: { errorId: string; path: string; err: unknown }) => void

const RETRY_DATABASE_MS = 1_000

/**
 * Turns any error into one that the caller may see. An unexpected error is reported under an id, and the caller gets only the id.
 */
export function toChatError(error: unknown, path: string, report: ReportError): ChatError {
  if (error instanceof ChatError) return error
  const cause = error instanceof TRPCError && error.cause ? error.cause : error
  if (cause instanceof ChatError) return cause
  const issues = inputIssues(cause)
  if (issues) return invalidInputOf(issues)
  if (isDatabaseAway(cause)) return new ChatError('UNAVAILABLE', { retryAfterMs: RETRY_DATABASE_MS, cause })
  if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return ofProtocol(error)
  const errorId = randomUUID()
  report({ errorId, path, err: cause })
  return new ChatError('INTERNAL', { errorId })
}

function invalidInputOf(issues: InputIssue[]): ChatError {
  const named = issues.slice(0, MAX_ISSUES)
  const first = named[0]
  const where = first?.path ? `${first.path}: ` : ''
  return new ChatError('INVALID_INPUT', {
    message: `Unable to read the input; ${where}${first?.message}`,
    issues: named,
  })
}

/** Turns an error that tRPC itself raises: no such procedure, a wrong method, a body that can't be parsed. */
function ofProtocol(error: TRPCError): ChatError {
  const reasons: Partial<Record<TRPCError['code'], ChatErrorReason>> = {
    NOT_FOUND: 'NOT_FOUND',
    UNAUTHORIZED: 'UNAUTHENTICATED',
    PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
    TOO_MANY_REQUESTS: 'RATE_LIMITED',
  }
  const reason = reasons[error.code] ?? 'INVALID_INPUT'
  return new ChatError(reason, { message: PROTOCOL_MESSAGES[error.code] ?? CHAT_ERRORS[reason].message })
}

const PROTOCOL_MESSAGES: Partial<Record<TRPCError['code'], string>> = {
  NOT_FOUND: 'Unable to call the procedure; there is none with this path',
  METHOD_NOT_SUPPORTED: 'Unable to call the procedure; send a query with GET and a mutation with POST',
  PARSE_ERROR: 'Unable to read the request; send a message of the tRPC protocol',
  UNSUPPORTED_MEDIA_TYPE: 'Unable to read the request; its media type is not supported, send application/json',
}

interface ZodIssueLike {
  path: PropertyKey[]
  message: string
  code?: string
  keys?: string[]
  errors?: ZodIssueLike[][]
}

function inputIssues(cause: unknown): InputIssue[] | undefined {
  if (!(cause instanceof Error) || !('issues' in cause) || !Array.isArray(cause.issues)) return undefined
  const issues: ZodIssueLike[] = cause.issues
  return issues.flatMap(namedIssues)
}

/**
 * The issues of one fault. An unknown field is named itself, and not its object. Of a union, the branch with the fewest faults
 * counts.
 */
function namedIssues(issue: ZodIssueLike): InputIssue[] {
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    return issue.keys.map((key) => ({ path: joinPath([...issue.path, key]), message: 'unknown field' }))
  }
  const closest = issue.errors?.toSorted((a, b) => a.length - b.length)[0]
  if (closest && closest.length > 0) {
    return closest.flatMap((inner) => namedIssues({ ...inner, path: [...issue.path, ...inner.path] }))
  }
  return [{ path: joinPath(issue.path), message: issue.message }]
}

const joinPath = (path: PropertyKey[]) => path.map(String).join('.').slice(0, 200)
