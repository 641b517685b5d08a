import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AnyTRPCRouter, TRPCError } from '@trpc/server'
import { onTestFinished } from 'vitest'
import type { WebSocketTransportOptions } from '../../server/transport/transport-options.ts'
import { WebSocketTransport } from '../../server/transport/websocket-transport.ts'

/** Takes what ends with a test. */
export type OnFinished = (end: () => Promise<void> | void) => void

export interface ServedTransport {
  url: string
  transport: WebSocketTransport<AnyTRPCRouter>
  /** When sockets were accepted, by `performance.now()`. */
  connectedAt: readonly number[]
}

/**
 * A transport as a server has it, that lets in everybody who says who they are, on `/ws`; gone when the test is.
 * @param onFinished of the test itself, where several run at once
 */
export async function serveTransport(
  router: AnyTRPCRouter,
  options: Partial<WebSocketTransportOptions<AnyTRPCRouter>> = {},
  onFinished: OnFinished = onTestFinished,
): Promise<ServedTransport> {
  const server = createServer()
  const transport = new WebSocketTransport<AnyTRPCRouter>({
    router,
    path: '/ws',
    isAllowedOrigin: () => true,
    admit: async (_req, params) => {
      if (!params?.['user']) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Who is it?' })
      return { context: params, signal: new AbortController().signal, release: () => undefined }
    },
    userOf: (context: { user: string }) => context.user,
    limits: {},
    overLimit: (limit) => new TRPCError({ code: 'TOO_MANY_REQUESTS', message: limit }),
    closeCodeOf: (error) => (error.code === 'UNAUTHORIZED' ? 4_200 : 4_100),
    lateError: () => new TRPCError({ code: 'UNAUTHORIZED', message: 'Too late' }),
    stopError: () => new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'Going down' }),
    authDeadlineMs: 5_000,
    keepAlive: { pingMs: 15_000, pongWaitMs: 5_000 },
    onError: () => undefined,
    ...options,
  })
  const connectedAt: number[] = []
  server.on('upgrade', () => connectedAt.push(performance.now()))
  transport.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onFinished(async () => {
    await transport.close({ graceMs: 100, spreadMs: 1_000 })
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `ws://127.0.0.1:${port}/ws`, transport, connectedAt }
}
