import { ChatError } from '../errors/chat-error.ts'
import { toChatError } from '../errors/error-report.ts'
import { userKey } from '../lib/keys.ts'
import type { Context } from './context.ts'
import type { OpenStream } from './open-streams.ts'
import { isCounted } from './rate-limits.ts'
import { sessionStream } from './session-stream.ts'
import { t } from './trpc.ts'

/** Searches wait in turns of their own, which their deadline includes. */
const OWN_TURNS: ReadonlySet<string> = new Set(['message.search'])

const explainer =
  ({ services, source }: Context, path: string) =>
  (error: unknown) =>
    toChatError(error, path, (entry) => services.log.error({ ...entry, ...source }, 'unexpected error'))

/**
 * For callers that are known: a valid token, not revoked, of a user who is not banned. Whatever fails, the caller sees a ChatError: in
 * process the same as over the wire. The `ctx.signal` of a subscription aborts when it is cancelled, the session ends or the server
 * stops; streams wait on it. That of a call, which no one cancels, aborts when the server stops. (One middleware for all of this: each
 * costs every call some microseconds.)
 */
export const userProcedure = t.procedure.use(async ({ ctx, path, type, signal, next }) => {
  const { session, services } = ctx
  const { calls, callMeter, rateLimits, queryTurns, openStreams, stopping } = services
  const isStream = type === 'subscription'
  const startedAt = performance.now()
  calls.begin()
  let place: OpenStream | undefined
  let endTurn: (() => void) | undefined
  let paid: (() => void) | undefined
  try {
    stopping.throwIfAborted()
    if (!session) throw new ChatError('UNAUTHENTICATED')
    await session.admit()
    // First: what the queries before it cost is known only when they are answered.
    const inTurns = type === 'query' && isCounted(session) && !OWN_TURNS.has(path)
    if (inTurns) endTurn = await queryTurns?.take(userKey(session), stopping)
    await rateLimits?.count(session, path, type)
    if (type !== 'mutation') paid = await rateLimits?.payOff(session, stopping)
    const ends = isStream ? AbortSignal.any([session.signal, stopping, ...(signal ? [signal] : [])]) : stopping
    if (isStream) place = openStreams.open(session, ctx.source, ends)
    const result = await next({ ctx: { session, signal: ends } })
    if (!result.ok) throw result.error
    callMeter.count(path, type, 'OK', startedAt)
    if (type === 'query') rateLimits?.charge(session, result.data)
    if (!place) return result
    const opened = () => callMeter.openStream(path)
    const began = (first: unknown) => rateLimits?.charge(session, first)
    const owner = { session, stopping, place, opened, began, explain: explainer(ctx, path) }
    return { ...result, data: sessionStream(result.data, owner) }
  } catch (cause) {
    place?.close()
    const error = explainer(ctx, path)(cause)
    callMeter.count(path, type, error.reason, startedAt)
    throw error
  } finally {
    paid?.()
    endTurn?.()
    calls.end()
  }
})

/** For the host application's own backend. */
export const serviceProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.session.role !== 'service') throw new ChatError('FORBIDDEN')
  return next()
})

export const router = t.router
