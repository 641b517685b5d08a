import { CHAT_ERRORS, type ChatErrorReason, type InputIssue } from '../../shared/index.ts'

/** Why a call or a stream failed: the client's error without its class, so that it can be stored and shown. */
export interface ChatFailure {
  /** What to branch on. Null if no answer came, so that it is unknown whether the call ran. */
  reason: ChatErrorReason | null
  /** For developers. The application chooses the words for its users. */
  message: string
  /** Milliseconds after which the same call may succeed, if the server named a time. */
  retryAfterMs: number | null
  /** With INVALID_INPUT: at most five faults. */
  issues: readonly InputIssue[]
}

/** Any error that `ChatClient` throws, or gives to `onError`. */
export function toChatFailure(error: unknown): ChatFailure {
  const answer = answerOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (!answer) return { reason: null, message, retryAfterMs: null, issues: [] }
  return {
    // An answer without a reason is not from this API: it comes from a proxy, or from a fault before the call was reached.
    reason: 'reason' in answer && isReason(answer.reason) ? answer.reason : 'INTERNAL',
    message,
    retryAfterMs: 'retryAfterMs' in answer && typeof answer.retryAfterMs === 'number' ? answer.retryAfterMs : null,
    issues: 'issues' in answer && Array.isArray(answer.issues) ? answer.issues.filter(isIssue) : [],
  }
}

/** True if the same attempt may succeed later: no answer came, the server was busy, or it failed unexpectedly. */
export const isRetryable = ({ reason }: ChatFailure): boolean =>
  reason === null || reason === 'INTERNAL' || CHAT_ERRORS[reason].retry !== 'never'

/** The server's own description of an error; undefined if it never answered. */
function answerOf(error: unknown): object | undefined {
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined
  return typeof error.data === 'object' && error.data !== null ? error.data : undefined
}

const isReason = (text: unknown): text is ChatErrorReason =>
  typeof text === 'string' && Object.hasOwn(CHAT_ERRORS, text)

const isIssue = (value: unknown): value is InputIssue =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  'message' in value &&
  typeof value.path === 'string' &&
  typeof value.message === 'string'
