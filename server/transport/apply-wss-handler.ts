import type { IncomingMessage } from 'node:http'
import type { AnyTRPCRouter } from '@trpc/server'
import { WebSocket } from 'ws'
import { Connection } from './connection.ts'
import { createHandlerCore, type WSSHandlerOptions } from './handler-core.ts'

/**
 * A socket class for the `WebSocket` option of a `ws` server. It emits `closing` (code, reason) before its close frame is
 * written, while something can still be sent. ws itself closes with a code and no reason, because of what it has read.
 */
export class FlushingWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (this.readyState === this.OPEN) this.emit('closing', code, reason)
    super.close(code, reason)
  }
}

/** Makes a listener for the `connection` event of a `ws` server that serves a router. */
export function getWSConnectionHandler<TRouter extends AnyTRPCRouter>(
  options: WSSHandlerOptions<TRouter>,
): (client: WebSocket, req: IncomingMessage) => Connection {
  const core = createHandlerCore(options)
  return (client, req) => new Connection(core, client, req)
}

export interface WSSHandler {
  /** Asks every client to connect again, as before a restart. */
  broadcastReconnectNotification: () => void
}

/**
 * Serves a router on a `ws` server by tRPC's WebSocket protocol. It takes the place of tRPC's own handler of the same name, with
 * its options and behaviour. README.md lists what differs.
 *
 * Messages are written uncompressed, past the `ws` object, at the end of each turn of the event loop. What other code sends or
 * closes on that object overtakes what was written in the same turn; a `FlushingWebSocket` keeps the order for closes.
 */
export function applyWSSHandler<TRouter extends AnyTRPCRouter>(options: WSSHandlerOptions<TRouter>): WSSHandler {
  const { wss, prefix } = options
  const core = createHandlerCore(options)
  const connections = new WeakMap<WebSocket, Connection>()

  wss.on('connection', (client, req) => {
    if (prefix && !req.url?.startsWith(prefix)) client.on('error', () => client.terminate())
    else connections.set(client, new Connection(core, client, req))
  })

  return {
    broadcastReconnectNotification() {
      const message = core.format.encodeNotification({ id: null, method: 'reconnect' })
      for (const client of wss.clients) {
        const connection = connections.get(client)
        if (connection) connection.notify(message)
        else if (client.readyState === WebSocket.OPEN) {
          client.send(Buffer.from(message.bytes, 'latin1'), { binary: message.type === 'binary' })
        }
      }
    },
  }
}
