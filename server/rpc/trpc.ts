import { initTRPC } from '@trpc/server'
import type { ChatErrorData } from '../../shared/errors.ts'
import { transformer } from '../../shared/transformer.ts'
import { ChatError } from '../errors/chat-error.ts'
import { toChatError } from '../errors/error-report.ts'
import type { Context } from './context.ts'

/** The one tRPC instance. Every error that leaves it has a `reason`, and none has a stack. */
export const t = initTRPC.context<Context>().create({
  transformer,
  isDev: false,
  // As on sockets: a proxy ends a silent connection, and a client has to notice a dead link.
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  errorFormatter({ shape, error, path, ctx }) {
    const chatError =
      error instanceof ChatError
        ? error
        : toChatError(error, path ?? '', (entry) =>
            ctx?.services.log.error({ ...entry, ...ctx.source }, 'unexpected error'),
          )
    const data: ChatErrorData = {
      code: chatError.code,
      httpStatus: shape.data.httpStatus,
      reason: chatError.reason,
      ...(path === undefined ? {} : { path }),
      ...(chatError.retryAfterMs === undefined ? {} : { retryAfterMs: chatError.retryAfterMs }),
      ...(chatError.issues === undefined ? {} : { issues: chatError.issues }),
      ...(chatError.errorId === undefined ? {} : { errorId: chatError.errorId }),
    }
    return { code: shape.code, message: chatError.message, data }
  },
})
