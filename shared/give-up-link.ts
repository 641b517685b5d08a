import type { TRPCClientError, TRPCLink } from '@trpc/client'
import type { AnyTRPCRouter } from '@trpc/server'
import { observable } from '@trpc/server/observable'
import type { ConnectionMonitor } from './connection-monitor.ts'
import type { ChatErrorReason } from './errors.ts'

/**
 * Answers calls and subscriptions with the refusal once the server has refused this client for good. It also answers those made
 * after `close()`.
 */
export function giveUpLink<TRouter extends AnyTRPCRouter>(
  monitor: ConnectionMonitor,
  toError: (reason: ChatErrorReason | undefined) => TRPCClientError<TRouter>,
): TRPCLink<TRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const refuse = () => {
          const { reason } = monitor.state
          if (reason) observer.error(toError(reason))
        }
        if (monitor.isEnded) return observer.error(toError(monitor.state.reason))
        const unwatch = monitor.subscribe(refuse)
        const downstream = next(op).subscribe(observer)
        return () => {
          unwatch()
          downstream.unsubscribe()
        }
      })
}
