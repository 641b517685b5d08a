import { TRPCError } from '@trpc/server'
import { CHAT_ERRORS, type ChatErrorReason, type InputIssue } from '../../shared/errors.ts'

interface ChatErrorDetails {
  message?: string
  retryAfterMs?: number
  issues?: InputIssue[]
  errorId?: string
  cause?: unknown
}

/** An error that the caller may see. Its `reason` is in the table of shared/errors.ts. */
export class ChatError extends TRPCError {
  override readonly name = 'ChatError'
  readonly reason: ChatErrorReason
  readonly retryAfterMs: number | undefined
  readonly issues: InputIssue[] | undefined
  readonly errorId: string | undefined

  constructor(reason: ChatErrorReason, details: ChatErrorDetails = {}) {
    const { code, message } = CHAT_ERRORS[reason]
    super({ code, message: details.message ?? message, cause: details.cause })
    this.reason = reason
    this.retryAfterMs = details.retryAfterMs
    this.issues = details.issues
    this.errorId = details.errorId
  }
}

/** The error for a well-formed input whose value can't be accepted. It names the field. */
export const invalidInput = (path: string, message: string): ChatError =>
  new ChatError('INVALID_INPUT', {
    message: `Unable to read the input; ${path}: ${message}`,
    issues: [{ path, message }],
  })
