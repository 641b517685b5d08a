import { CHAT_ERRORS, type ChatErrorReason, type InputIssue } from '../../shared/index.ts'

/** Why a call or a stream failed: an error of the client without its class, so that it can be kept and shown. */
export interface ChatFailure {
  /** What to branch on; null where no answer came, so that nobody knows whether the call ran. */
  reason: ChatErrorReason | null
  /** For developers; what a person reads is the application's to say. */
  message: string
  /** Milliseconds after which the same may succeed, where the server named a time. */
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
    // An answer without a reason is not of this API: a proxy's, or a fault before the call was reached.
    reason: 'reason' in answer && isReason(answer.reason) ? answer.reason : 'INTERNAL',
    message,
    retryAfterMs: 'retryAfterMs' in answer && typeof answer.retryAfterMs === 'number' ? answer.retryAfterMs : null,
    issues: 'issues' in answer && Array.isArray(answer.issues) ? answer.issues.filter(isIssue) : [],
  }
}

/** True where the same attempt may succeed later: no answer came, the server was busy, or it failed unexpectedly. */
export const isRetryable = ({ reason }: ChatFailure): boolean =>
  reason === null || reason === 'INTERNAL' || CHAT_ERRORS[reason].retry !== 'never'

/** The server's own account of an error; undefined where it never answered. */
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
