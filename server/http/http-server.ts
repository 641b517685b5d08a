import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import serveFiles from '@fastify/static'
import { getErrorShape, transformTRPCResponse } from '@trpc/server'
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { CHAT_ERRORS, type ChatErrorReason } from '../../shared/errors.ts'
import { appRouter } from '../app-router.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Context } from '../rpc/context.ts'
import type { AddressGate } from './address-gate.ts'
import { answeredRoute } from './answered-route.ts'
import { assertWithin, type CallLimits } from './call-limits.ts'
import { type HttpTimes, serverTimes } from './http-times.ts'
import { isAllowedOrigin, type OriginRules } from './origin-rules.ts'
import type { Readiness } from './readiness.ts'
import { callsIn, pathsIn, refuseMethods } from './request-guard.ts'
import { RequestTurns } from './request-turns.ts'
import type { AnsweredRequest } from './traffic-log.ts'

export interface HttpServerOptions {
  createContext(options: CreateFastifyContextOptions): Promise<Context>
  readiness(): Promise<Readiness>
  origins: OriginRules
  bodyLimit: number
  maxBatchSize: number
  /** The error for a batch that is too large. */
  batchError(): ChatError
  /** Bounds of one call, the same as over a WebSocket. */
  callLimits: CallLimits
  /** Bound on all sockets, including WebSockets; further ones are cut on arrival. */
  maxConnections: number
  gate: AddressGate
  times: HttpTimes
  /** Whether the `X-Request-Id` of this peer is adopted. */
  isTrustedProxy(address: string): boolean
  onResponse(answered: AnsweredRequest): void
  /** Called for failures outside tRPC, which reports its own. */
  onError(error: unknown, requestId: string): void
  /** Adds the development routes, if any. */
  extend?: (server: FastifyInstance) => void
}

const PAGE = join(import.meta.dirname, '../../web/dist')
const PAGE_MISSING = 'The page is not built. Run "npm run build"; the API works without it.\n'

/** HTTP on the server's only port: tRPC over HTTP and SSE, health, and the page. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { keepAliveMs, requestMs, silenceMs } = options.times
  const server = Fastify({
    http: serverTimes(options.times),
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionTimeout: silenceMs,
    logger: false,
    bodyLimit: options.bodyLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 8_192 },
    genReqId: (req) => requestIdOf(req, options) ?? randomUUID(),
  })
  server.server.maxConnections = options.maxConnections
  options.gate.watch(server.server)
  const turns = new RequestTurns()
  turns.watch(server.server)
  server.addHook('onRequest', async (req, reply) => {
    reply.header('x-request-id', req.id)
    // Fastify's own hook does not fire for a stream that its reader left.
    reply.raw.once('close', () => {
      const { statusCode: status } = reply.raw
      const lastedMs = Math.round(reply.elapsedTime)
      options.onResponse({ requestId: req.id, method: req.method, route: answeredRoute(req), status, lastedMs })
    })
    if (!options.gate.enter(req.raw, reply.raw)) return refuse(req, reply, refusalFor('RATE_LIMITED'))
    await turns.begin()
  })
  server.setErrorHandler((error, req, reply) => {
    const { statusCode = 500 } = error instanceof Error && 'statusCode' in error ? error : {}
    if (Number(statusCode) >= 500) options.onError(error, req.id)
    const reason = statusCode === 413 ? 'PAYLOAD_TOO_LARGE' : 'INVALID_INPUT'
    return refuse(req, reply.code(Number(statusCode)), refusalFor(reason))
  })
  refuseMethods(server, (req, reply, message) => refuse(req, reply, new ChatError('INVALID_INPUT', { message })))
  await server.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY }, hsts: false })
  await server.register(cors, {
    delegator: (req, done) => {
      const { origin, host } = req.headers
      const isAllowed = origin !== undefined && isAllowedOrigin(options.origins, origin, host)
      done(null, {
        origin: isAllowed,
        methods: ['GET', 'POST'],
        allowedHeaders: ['authorization', 'content-type', 'last-event-id', 'trpc-accept'],
        exposedHeaders: ['retry-after', 'x-request-id'],
      })
    },
  })
  server.get('/healthz', () => ({ status: 'ok' }))
  server.get('/readyz', async (_req, reply) => {
    const { isReady, reason, degraded } = await options.readiness()
    return isReady
      ? { status: degraded.length > 0 ? 'degraded' : 'ok', degraded }
      : reply.code(503).send({ status: 'unavailable', reason })
  })
  await server.register(async (scope) => {
    // Runs before the body is read; the same limit as over a WebSocket.
    scope.addHook('onRequest', async (req, reply) => {
      if (callsIn(req) > options.maxBatchSize) return refuse(req, reply, options.batchError())
    })
    scope.addHook('preHandler', async (req) => {
      await turns.begin({ calls: callsIn(req), bytes: typeof req.body === 'string' ? req.body.length : 0 })
      if (typeof req.body === 'string') assertWithin(req.body, req.url, options.callLimits)
    })
    await scope.register(fastifyTRPCPlugin<typeof appRouter>, {
      prefix: '/trpc',
      trpcOptions: {
        router: appRouter,
        createContext: options.createContext,
        responseMeta: ({ errors }) => ({ headers: retryAfter(errors) }),
      },
    })
  })
  options.extend?.(server)
  // The page asks this and offers only what is available.
  const has = (url: string) => server.hasRoute({ method: 'POST', url })
  server.get('/sign-in', () => ({ byName: has('/dev/token'), hasDemoPeople: has('/dev/demo') }))
  await servePage(server)
  return server
}

/** The id that a trusted proxy has given the request. */
function requestIdOf({ headers, socket }: IncomingMessage, { isTrustedProxy }: HttpServerOptions): string | undefined {
  const id = headers['x-request-id']
  const isUsable = typeof id === 'string' && /^[\w-]{8,64}$/.test(id) && isTrustedProxy(socket.remoteAddress ?? '')
  return isUsable ? id : undefined
}

const RETRY_AFTER_MS = 1_000

const refusalFor = (reason: ChatErrorReason): ChatError =>
  new ChatError(reason, CHAT_ERRORS[reason].retry === 'wait' ? { retryAfterMs: RETRY_AFTER_MS } : {})

/**
 * Responds to requests that HTTP refuses before tRPC: in tRPC's shape for its callers, with the error's status unless one is set.
 */
function refuse(req: FastifyRequest, reply: FastifyReply, error: ChatError): FastifyReply {
  if (reply.statusCode < 400) reply.code(getHTTPStatusCodeFromError(error))
  return reply
    .headers(retryAfter([error]))
    .send(req.url.startsWith('/trpc/') ? shapeOf(error, req) : { error: error.message })
}

/** Seconds until a retry (RFC 9110, section 10.2.3), for proxies and clients that only know HTTP. */
function retryAfter(errors: Error[]): { 'retry-after'?: string } {
  const waits = errors.flatMap((error) => (error instanceof ChatError ? (error.retryAfterMs ?? []) : []))
  return waits.length > 0 ? { 'retry-after': `${Math.ceil(Math.max(...waits) / 1_000)}` } : {}
}

function shapeOf(error: ChatError, req: FastifyRequest) {
  const config = appRouter._def._config
  const [path, ...others] = pathsIn(req.params)
  const named = others.length === 0 ? path : undefined
  const shape = getErrorShape({ config, error, type: 'unknown', path: named, input: undefined, ctx: undefined })
  return transformTRPCResponse(config, { error: shape })
}

/** Forbids inline code and everything from other origins but pictures: the content of a message can't become part of the page. */
const PAGE_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'https:', 'data:'],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

async function servePage(server: FastifyInstance): Promise<void> {
  const isBuilt = await access(join(PAGE, 'index.html')).then(
    () => true,
    () => false,
  )
  if (!isBuilt) {
    server.get('/', (_req, reply) => reply.code(503).type('text/plain').send(PAGE_MISSING))
    return
  }
  await server.register(serveFiles, {
    root: PAGE,
    // The build adds a `.br` and a `.gz` for files that benefit.
    preCompressed: true,
    // Files under assets/ are named by their content; the page itself is always revalidated.
    setHeaders: (response, path) => {
      const isNamedByContent = path.startsWith(join(PAGE, 'assets'))
      response.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  server.setNotFoundHandler((req, reply) => {
    reply.code(404)
    const isByBrowser = req.method === 'GET' && req.headers.accept?.includes('text/html')
    // Not returned: Fastify would await it and add two more listeners to the response, which exceeds Node's limit.
    void (isByBrowser ? reply.sendFile('not-found.html') : reply.send({ error: 'Not found' }))
  })
}
