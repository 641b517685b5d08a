import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import { initTRPC, TRPCError, tracked } from '@trpc/server'
import { applyWSSHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { jwtVerify } from 'jose'
import superjson from 'superjson'
import { WebSocketServer } from 'ws'
import { z } from 'zod'
import type { MessageEvent } from '../../shared/room-event.ts'
import { TOKEN_SECRET } from './layout.ts'
import { listen } from './listen.ts'
import { sampleEvent } from './sample-event.ts'
import { publishTurns, serveParent } from './server-calls.ts'

/*
 * Live events as tRPC's own documentation does them: the stock WebSocket adapter, superjson, and a generator for each subscription
 * that iterates an EventEmitter. Everything in memory, no rights.
 */

const rooms = new EventEmitter().setMaxListeners(0)
const secret = new TextEncoder().encode(TOKEN_SECRET)

async function createContext({ info }: CreateWSSContextFnOptions): Promise<{ userId: string }> {
  const { payload } = await jwtVerify(info.connectionParams?.['token'] ?? '', secret, { algorithms: ['HS256'] })
  return { userId: payload.sub ?? '' }
}

const t = initTRPC.context<typeof createContext>().create({ transformer: superjson })

const userProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.userId) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next()
})

const router = t.router({
  room: t.router({
    onEvent: userProcedure
      .input(z.object({ roomId: z.string(), lastEventId: z.string().optional() }))
      .subscription(async function* ({ input, signal }) {
        const events: AsyncIterable<MessageEvent[]> = on(rooms, input.roomId, signal ? { signal } : {})
        for await (const [event] of events) if (event) yield tracked(String(event.seq), event)
      }),
  }),
})

const http = createServer()
const wss = new WebSocketServer({ server: http, path: '/trpc', perMessageDeflate: false })
applyWSSHandler({ wss, router, createContext, keepAlive: { enabled: true } })

serveParent(await listen(http), {
  seed: async () => undefined,
  publish: (plan) =>
    publishTurns(plan, (mark, room) => {
      const event = sampleEvent(mark, room, mark + 1, plan.textLength)
      rooms.emit(event.message.roomId, event)
    }),
})
