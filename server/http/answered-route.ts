import type { FastifyRequest } from 'fastify'
import { appRouter } from '../app-router.ts'
import { pathsIn } from './request-guard.ts'

/** Procedures of a batch that a log names; of more, how many. */
const NAMED = 8

/**
 * What was asked for, as a log may hold it: the route's pattern and never the path, in which a code or a key may stand. Of tRPC, the
 * procedures that there are.
 */
export function answeredRoute({ routeOptions, params }: FastifyRequest): string {
  const { url } = routeOptions
  if (url !== '/trpc/:path') return url ?? 'unknown'
  const names = pathsIn(params).map((path) => (Object.hasOwn(appRouter._def.procedures, path) ? path : 'unknown'))
  const more = names.length - NAMED
  return `/trpc/${names.slice(0, NAMED).join(',')}${more > 0 ? ` and ${more} more` : ''}`
}
