import { ChatError } from './chat-error.ts'
import type { Services } from './context.ts'
import { toChatError } from './error-report.ts'
import { sessionStream } from './session-stream.ts'
import { t } from './trpc.ts'

const explainer = (services: Services, path: string) => (error: unknown) =>
  toChatError(error, path, (entry) => services.log.error(entry, 'unexpected error'))

/** Whatever fails, the caller sees a ChatError: in process the same as over the wire. */
const explainedProcedure = t.procedure.use(async ({ ctx, path, next }) => {
  const result = await next()
  if (result.ok) return result
  throw explainer(ctx.services, path)(result.error)
})

/**
 * For callers that are known: a valid token, not revoked, of a user who is not banned. `ctx.signal` aborts when the call is
 * cancelled, the session ends or the server stops; streams wait on it.
 */
export const userProcedure = explainedProcedure.use(async ({ ctx, path, type, signal, next }) => {
  const { session, services } = ctx
  services.stopping.throwIfAborted()
  if (!session) throw new ChatError('UNAUTHENTICATED')
  const ends = [session.signal, services.stopping, ...(signal ? [signal] : [])]
  const result = await services.calls.during(async () => {
    await session.admit()
    await services.rateLimits?.count(session, path, type)
    return next({ ctx: { session, signal: AbortSignal.any(ends) } })
  })
  if (!result.ok) return result
  return { ...result, data: sessionStream(session, services.stopping, result.data, explainer(services, path)) }
})

/** For the host application's own backend. */
export const serviceProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.session.role !== 'service') throw new ChatError('FORBIDDEN')
  return next()
})

export const router = t.router
