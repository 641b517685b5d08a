import type { IncomingMessage } from 'node:http'
import type { AnyTRPCRouter } from '@trpc/server'
import { WebSocket } from 'ws'
import { Connection } from './connection.ts'
import { createHandlerCore } from './handler-core.ts'
import type { WSSHandlerOptions } from './handler-options.ts'

/** A listener for `connection` of a `ws` server that serves a router. */
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
 * Serves a router on a `ws` server, by tRPC's WebSocket protocol: in place of tRPC's own handler of the same name, with its options and
 * behaviour. What is different: one bad call of a batch answers for itself alone; no header of a request and no socket outside
 * `prefix` can end the process; a generator that ignores its signal does not keep its subscription; a `LiveStream` is sent as shared
 * bytes; and everything that a peer can have too much of has a bound (`ConnectionBounds`).
 *
 * Messages are written uncompressed, past the `ws` object, at the end of each turn of the event loop. So what other code sends or
 * closes on that object overtakes what was answered in the same turn; an `AnnouncedWebSocket` keeps the order for closes.
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
