import type { FastifyRequest } from 'fastify'
import { appRouter } from '../app-router.ts'
import { pathsIn } from './request-guard.ts'

/** Procedures of a batch that are logged by name; further ones are only counted. */
const NAMED = 8

/**
 * The target of a request for the log: the route's pattern and never the path, which may contain a code or key. For tRPC, the
 * existing procedures that it names.
 */
export function answeredRoute({ routeOptions, params }: FastifyRequest): string {
  const { url } = routeOptions
  if (url !== '/trpc/:path') return url ?? 'unknown'
  const names = pathsIn(params).map((path) => (Object.hasOwn(appRouter._def.procedures, path) ? path : 'unknown'))
  const more = names.length - NAMED
  return `/trpc/${names.slice(0, NAMED).join(',')}${more > 0 ? ` and ${more} more` : ''}`
}
