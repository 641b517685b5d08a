import { TRPCError } from '@trpc/server'
import { ChatError } from '../errors/chat-error.ts'
import { toChatError } from '../errors/error-report.ts'
import { userKey } from '../lib/keys.ts'
import type { Context } from './context.ts'
import type { OpenStream } from './open-streams.ts'
import { isCounted } from './rate-limits.ts'
import { sessionStream } from './session-stream.ts'
import { t } from './trpc.ts'

/** Queries that wait in turns of their own, which their deadline includes. */
const OWN_TURNS: ReadonlySet<string> = new Set(['message.search'])

const errorsOf =
  ({ services, source }: Context, path: string) =>
  (error: unknown) =>
    toChatError(error, path, (entry) => services.log.error({ ...entry, ...source }, 'unexpected error'))

/** The answer of a mutation can be part of an event that waits for its subscribers: a caller in process gets a copy. */
const ownCopy = <R extends { data: unknown }>(result: R): R => ({ ...result, data: structuredClone(result.data) })

/**
 * A procedure for known callers: those with a valid token that is not revoked, of a user who is not banned. Whatever fails, the
 * caller sees a ChatError, in process the same as over the wire. The `ctx.signal` of a subscription aborts when it is cancelled,
 * its session ends or the server stops; streams wait on it. The signal of a user's query aborts when its connection is gone, that
 * of any other call when the server stops. All of it is one middleware, because each costs every call some microseconds.
 */
export const userProcedure = t.procedure.use(async ({ ctx, path, type, signal, next }) => {
  const { session, services } = ctx
  const { calls, callMetrics, rateLimits, queryTurns, openStreams, stopping } = services
  const startedAt = performance.now()
  calls.begin()
  let counted: OpenStream | undefined
  let endTurn: (() => void) | undefined
  let endPayment: (() => void) | undefined
  let ends = stopping
  const isStream = type === 'subscription'
  try {
    stopping.throwIfAborted()
    if (!session) throw new ChatError('UNAUTHENTICATED')
    await session.admit()
    // The turn comes first: the cost of the queries before it is known only when they are answered.
    const isUsersQuery = type === 'query' && isCounted(session)
    if (isUsersQuery && signal) ends = signal
    if (isUsersQuery && !OWN_TURNS.has(path)) endTurn = await queryTurns?.take(userKey(session), ends)
    await rateLimits?.count(session, path, type)
    if (isStream) {
      ends = AbortSignal.any([session.signal, stopping, ...(signal ? [signal] : [])])
      counted = openStreams.open(session, ctx.source, ends)
    } else if (isUsersQuery) endPayment = await rateLimits?.payOff(session, ends)
    const result = await next({ ctx: { session, signal: ends } })
    if (!result.ok) throw result.error
    callMetrics.count(path, type, 'OK', startedAt)
    if (isUsersQuery) await rateLimits?.chargeInTurn(session, result.data, ends)
    if (type === 'mutation' && session.origin === 'process') return ownCopy(result)
    if (!counted) return result
    const data = sessionStream(result.data, {
      session,
      stopping,
      counted,
      onOpen: () => callMetrics.openStream(path),
      toChatError: errorsOf(ctx, path),
    })
    return { ...result, data }
  } catch (cause) {
    counted?.close()
    if (!isStream && ends !== stopping && ends.aborted) {
      callMetrics.count(path, type, 'CANCELLED', startedAt)
      throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', cause })
    }
    const error = errorsOf(ctx, path)(cause)
    callMetrics.count(path, type, error.reason, startedAt)
    throw error
  } finally {
    endPayment?.()
    endTurn?.()
    calls.end()
  }
})

/** A procedure for the host application's own backend. */
export const serviceProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.session.role !== 'service') throw new ChatError('FORBIDDEN')
  return next()
})

export const router = t.router
