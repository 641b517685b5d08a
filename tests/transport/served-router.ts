import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type AnyTRPCRouter, initTRPC } from '@trpc/server'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { applyWSSHandler, FlushingWebSocket } from '../../server/transport/apply-wss-handler.ts'
import type { WSSHandlerOptions } from '../../server/transport/handler-core.ts'

export const t = initTRPC.create({ isDev: false })

type Options = Partial<Omit<WSSHandlerOptions<AnyTRPCRouter>, 'wss' | 'router'>>
type Apply = (options: WSSHandlerOptions<AnyTRPCRouter>) => { broadcastReconnectNotification: () => void }

export interface ServedRouter {
  /** `ws://…`, with a path of `/`. */
  url: string
  port: number
  wss: WebSocketServer
  handler: ReturnType<Apply>
  /** The sockets that were accepted, beneath their WebSockets. */
  sockets: Socket[]
}

/** A router on a `ws` server of its own, gone when the test is. */
export async function serveRouter(
  router: AnyTRPCRouter,
  options: Options = {},
  apply: Apply = applyWSSHandler,
): Promise<ServedRouter> {
  const server = createServer()
  const wss = new WebSocketServer({ server, perMessageDeflate: false, WebSocket: FlushingWebSocket })
  const sockets: Socket[] = []
  wss.on('connection', (_client, { socket }) => sockets.push(socket))
  const handler = apply({ createContext: () => ({}), ...options, wss, router })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const client of wss.clients) client.terminate()
    wss.close()
    server.close()
    await once(server, 'close')
  })
  const { port } = addressOf(server.address())
  return { url: `ws://127.0.0.1:${port}/`, port, wss, handler, sockets }
}

/** The one socket that is connected, as the server has it. */
export const onlyClient = ({ wss }: ServedRouter): WebSocket => {
  const [client] = wss.clients
  if (!client) throw new Error('Nobody is connected')
  return client
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address === 'object' && address) return address
  throw new Error('The server is not listening')
}
