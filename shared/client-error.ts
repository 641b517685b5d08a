import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from '../server/app-router.ts'
import { CHAT_ERRORS, type ChatErrorReason } from './errors.ts'

/** The JSON-RPC code and the HTTP status of errors that the client raises in place of the server. */
const STATUS: Record<string, readonly [number, number]> = {
  FORBIDDEN: [-32_003, 403],
  PAYLOAD_TOO_LARGE: [-32_013, 413],
  CLIENT_CLOSED_REQUEST: [-32_099, 499],
}
const UNAUTHORIZED = [-32_001, 401] as const

/** An error that the client itself raises, in the shape of a server error. */
export function clientError(reason: ChatErrorReason): TRPCClientError<AppRouter> {
  const { code, message } = CHAT_ERRORS[reason]
  const [rpcCode, httpStatus] = STATUS[code] ?? UNAUTHORIZED
  return TRPCClientError.from<AppRouter>({ error: { message, code: rpcCode, data: { code, httpStatus, reason } } })
}
