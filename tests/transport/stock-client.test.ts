import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { tracked } from '@trpc/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { WebSocketTransportOptions } from '../../server/transport/transport-options.ts'
import { serveRouter, t } from './served-router.ts'
import { type OnFinished, type ServedTransport, serveTransport } from './served-transport.ts'

const anything = (value: unknown) => value
type Options = Partial<WebSocketTransportOptions<ReturnType<typeof t.router>>>

/** As an application makes one: nothing but the address and who it is. */
function stockClient(url: string, user?: string, onFinished: OnFinished = onTestFinished) {
  const client = createWSClient({
    url,
    WebSocket: globalThis.WebSocket ?? WebSocket,
    ...(user === undefined ? {} : { connectionParams: { user } }),
  })
  onFinished(() => client.close())
  return client
}

test('60 subscriptions live across a lost connection and a move to another, within the limits of a server', async () => {
  const router = t.router({
    count: t.procedure.input(anything).subscription(async function* ({ input, signal }) {
      const from = typeof input === 'object' && input && 'lastEventId' in input ? Number(input.lastEventId) : 0
      for (let seq = from + 1; ; seq++) {
        if (signal?.aborted) return
        yield tracked(String(seq), seq)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }),
  })
  const served = await serveRouter(router, {
    maxBatchSize: 128,
    maxCalls: 64,
    maxSubscriptions: 64,
    maxCallBytes: 64 << 10,
    frameRate: { perSecond: 100, burst: 400 },
    keepAlive: { enabled: true, pingMs: 200, pongWaitMs: 100 },
  })
  const client = createTRPCClient<typeof router>({ links: [wsLink({ client: stockClient(served.url) })] })
  const counts = Array.from({ length: 60 }, (_, index) => {
    const seen: number[] = []
    const errors: unknown[] = []
    const handle = {
      onData: (event: { data: number }) => seen.push(event.data),
      onError: (error: unknown) => errors.push(error),
    }
    client.count.subscribe({ index }, handle)
    return { seen, errors }
  })
  const allHave = (events: number) =>
    expect.poll(() => Math.min(...counts.map(({ seen }) => seen.length))).toBeGreaterThan(events)
  await allHave(2)
  for (const socket of served.wss.clients) socket.terminate()
  await expect.poll(() => served.wss.clients.size).toBe(1)
  await allHave(10)
  served.handler.broadcastReconnectNotification()
  // The old connection is closed when the last answer to a PING has come, and not before.
  await expect.poll(() => served.sockets.length).toBe(3)
  await expect.poll(() => served.wss.clients.size).toBe(1)
  await allHave(20)
  for (const { seen, errors } of counts) {
    expect(errors).toEqual([])
    expect(seen).toEqual(seen.map((_, index) => index + 1))
  }
})

describe('a client that is refused comes back slowly', () => {
  const router = t.router({
    hello: t.procedure.input(anything).query(() => 'hello'),
    listen: t.procedure.input(anything).subscription(async function* () {
      yield 'begun'
      await new Promise(() => undefined)
    }),
  })
  /** Of the stock client, whose connection could not be made. After one that stood it tries again at once. */
  const FIRST_PAUSE_MS = 2_000
  const giant = 'x'.repeat(50_000)

  type Use = (served: ServedTransport, onFinished: OnFinished) => void

  const listening =
    (input?: unknown): Use =>
    ({ url }, onFinished) => {
      const client = createTRPCClient<typeof router>({
        links: [wsLink({ client: stockClient(url, 'ada', onFinished) })],
      })
      client.listen.subscribe(input, { onError: () => undefined })
    }

  test.concurrent.for<[string, Options, Use]>([
    ['for not saying who it is', {}, ({ url }, onFinished) => void stockClient(url, undefined, onFinished)],
    ['for saying the wrong thing', {}, ({ url }, onFinished) => void stockClient(url, '', onFinished)],
    [
      'for saying nothing in time',
      { authDeadlineMs: 50 },
      ({ url }, onFinished) => void stockClient(`${url}?connectionParams=1`, undefined, onFinished),
    ],
    ['for a frame that is too large', { limits: { maxFrameBytes: 40_000 } }, listening(giant)],
    ['for a frame that is far too large', { limits: { maxFrameBytes: 10_000 } }, listening(giant)],
    ['for a queue that is full', { limits: { maxQueuedBytes: -1 } }, listening()],
    ['for its user’s connections', { limits: { maxConnectionsPerUser: 0 } }, listening()],
    ['for its address’s connections', { limits: { maxConnectionsPerAddress: 0 } }, listening()],
    [
      'because its admission ended',
      {
        admit: async () => ({
          context: {},
          signal: AbortSignal.timeout(50),
          release: () => undefined,
        }),
      },
      listening(),
    ],
  ])('%s', async ([, options, use], { expect, onTestFinished }) => {
    const served = await serveTransport(router, options, onTestFinished)
    use(served, onTestFinished)
    await expect.poll(() => served.connectedAt.length).toBeGreaterThan(1)
    const [first = 0, second = 0] = served.connectedAt
    expect(second - first).toBeGreaterThan(FIRST_PAUSE_MS * 0.9)
  })
})
