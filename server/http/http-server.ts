import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import serveFiles from '@fastify/static'
import { getErrorShape, transformTRPCResponse } from '@trpc/server'
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { appRouter } from '../rpc/app-router.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Context } from '../rpc/context.ts'
import { isAllowedOrigin, type OriginRules } from './origin-rules.ts'
import type { AnsweredRequest } from './traffic-log.ts'

/** What `/readyz` says: whether calls can be answered, and what does not work besides. */
export interface Readiness {
  isReady: boolean
  reason?: string
  degraded: string[]
}

export interface HttpServerOptions {
  createContext(options: CreateFastifyContextOptions): Promise<Context>
  readiness(): Promise<Readiness>
  origins: OriginRules
  bodyLimit: number
  maxBatchSize: number
  /** Whose `X-Request-Id` is taken over. */
  isTrustedProxy(address: string): boolean
  onResponse(answered: AnsweredRequest): void
  /** A failure outside tRPC, which explains its own. */
  onError(error: unknown, requestId: string): void
  /** Adds routes of development, where there are any. */
  extend?: (server: FastifyInstance) => void
}

const PAGE = join(import.meta.dirname, '../../web/dist')
const PAGE_MISSING = 'The page is not built. Run "npm run build"; the API works without it.\n'

/** HTTP on the server's one port: tRPC over HTTP and SSE, health, and the page. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: options.bodyLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 8_192 },
    genReqId: (req) => requestIdOf(req, options) ?? randomUUID(),
  })
  server.addHook('onRequest', async (req, reply) => {
    reply.header('x-request-id', req.id)
    // Fastify's own hook does not hear of a stream that its reader left.
    reply.raw.once('close', () => {
      const { statusCode: status } = reply.raw
      const [path = ''] = req.url.split('?', 1)
      const lastedMs = Math.round(reply.elapsedTime)
      options.onResponse({ requestId: req.id, method: req.method, path: path.slice(0, PATH_LENGTH), status, lastedMs })
    })
  })
  server.setErrorHandler((error, req, reply) => {
    const { statusCode = 500 } = error instanceof Error && 'statusCode' in error ? error : {}
    if (Number(statusCode) >= 500) options.onError(error, req.id)
    if (!req.url.startsWith('/trpc/')) return reply.code(Number(statusCode)).send({ error: 'Unable to answer' })
    return reply.code(Number(statusCode)).send(refusedByHttp(Number(statusCode)))
  })
  await server.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY }, hsts: false })
  await server.register(cors, {
    delegator: (req, done) => {
      const { origin, host } = req.headers
      const isAllowed = origin !== undefined && isAllowedOrigin(options.origins, origin, host)
      done(null, {
        origin: isAllowed,
        methods: ['GET', 'POST'],
        allowedHeaders: ['authorization', 'content-type', 'trpc-accept'],
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
  await server.register(fastifyTRPCPlugin<typeof appRouter>, {
    prefix: '/trpc',
    trpcOptions: {
      router: appRouter,
      createContext: options.createContext,
      maxBatchSize: options.maxBatchSize,
    },
  })
  options.extend?.(server)
  // Asked by the page, which offers what there is.
  server.get('/sign-in', () => ({ byName: server.hasRoute({ method: 'POST', url: '/dev/token' }) }))
  await servePage(server)
  return server
}

/** As much of a path as a log needs: a batch names all its procedures there. */
const PATH_LENGTH = 300

/** The id that a proxy of ours has given the request. */
function requestIdOf({ headers, socket }: IncomingMessage, { isTrustedProxy }: HttpServerOptions): string | undefined {
  const id = headers['x-request-id']
  const isUsable = typeof id === 'string' && /^[\w-]{8,64}$/.test(id) && isTrustedProxy(socket.remoteAddress ?? '')
  return isUsable ? id : undefined
}

/** What HTTP refused before tRPC saw it, in tRPC's own shape. */
function refusedByHttp(statusCode: number) {
  const error = new ChatError(statusCode === 413 ? 'PAYLOAD_TOO_LARGE' : 'INVALID_INPUT')
  const config = appRouter._def._config
  const shape = getErrorShape({ config, error, type: 'unknown', path: undefined, input: undefined, ctx: undefined })
  return transformTRPCResponse(config, { error: shape })
}

/** No inline code, nothing from elsewhere but pictures: what a message says can't become part of the page. */
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
    // Files under assets/ are named by their content; the page itself is asked for anew.
    setHeaders: (response, path) => {
      const isNamedByContent = path.startsWith(join(PAGE, 'assets'))
      response.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  server.setNotFoundHandler((req, reply) => {
    reply.code(404)
    const isByBrowser = req.method === 'GET' && req.headers.accept?.includes('text/html')
    return isByBrowser ? reply.sendFile('not-found.html') : reply.send({ error: 'Not found' })
  })
}
