import type { Server } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerRefusal } from '../transport/upgrade-guard.ts'

/** Methods of all routes. tRPC itself decides which of them a procedure accepts. */
const METHODS = ['GET', 'HEAD', 'POST']
const ALLOW = METHODS.join(', ')

/**
 * Whether a browser asks for the permissions of another origin's page (https://fetch.spec.whatwg.org/#cors-preflight-request).
 */
const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined

type Refuse = (req: FastifyRequest, reply: FastifyReply, message: string) => FastifyReply

/** Responds to every other method with 405 and the allowed ones, including methods unknown to Fastify, and CONNECT. */
export function refuseMethods(server: FastifyInstance, refuse: Refuse): void {
  server.addHook('onRequest', async (req, reply) => {
    if (METHODS.includes(req.method) || isPreflight(req)) return
    return refuse(req, reply.code(405).header('allow', ALLOW), `Unable to answer this method; use ${ALLOW}`)
  })
  refuseTunnels(server.server)
}

function refuseTunnels(server: Server): void {
  server.on('connect', (_req, socket) => {
    socket.on('error', () => socket.destroy())
    answerRefusal(socket, { status: 405, text: 'Method Not Allowed', headers: { Allow: ALLOW } })
  })
}

/** The number of calls that the path of a request names. */
export function callsIn({ params, query }: FastifyRequest): number {
  const isBatch = isObject(query) && 'batch' in query && query.batch === '1'
  return isBatch ? pathsIn(params).length : 1
}

/** The procedures that a tRPC request names. */
export const pathsIn = (params: unknown): string[] =>
  isObject(params) && 'path' in params && typeof params.path === 'string' ? params.path.split(',') : []

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
