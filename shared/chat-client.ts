import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from '@trpc/client'
import type { AppRouter } from '../server/app-router.ts'
import { backOff, pause, unlessAborted } from './back-off.ts'
import { CallLimiter } from './call-limiter.ts'
import { clientError } from './client-error.ts'
import { type AfterClose, afterClose, CLOSE_CODES } from './close-codes.ts'
import { ConnectionMonitor, type ConnectionState } from './connection-monitor.ts'
import type { ChatErrorReason } from './errors.ts'
import { giveUpLink } from './give-up-link.ts'
import type { Meta } from './json.ts'
import { promptWebSocket } from './prompt-web-socket.ts'
import { TokenRenewal } from './token-renewal.ts'
import { transformer } from './transformer.ts'
import type { ClientWithMeta } from './typed-meta.ts'
import { framedSocket, frameEncoder } from './wire-frames.ts'

export interface ChatClientOptions {
  /** The server's address: `https://chat.example.com`. http and ws mean the same. The path is `/trpc` unless given. */
  url: string
  /** A token, or a function that fetches one. It is called before every connect, and before the last token expires. */
  token: string | (() => string | Promise<string>)
  /** Queries and mutations over the WebSocket (default), or batched over HTTP. Subscriptions always use the WebSocket. */
  calls?: 'websocket' | 'http'
  /**
   * How long a call waits if the server asks it to come back later. Default: one minute. If the server asks for longer, the call
   * fails with the server's error (RATE_LIMITED, UNAVAILABLE). With 0 it always fails.
   */
  maxWaitMs?: number
  /** For runtimes without a global WebSocket. */
  WebSocket?: typeof WebSocket
}

/** The typed router, with the connection's state and its end. `M` is the `meta` of the host application's messages. */
export type ChatClient<M extends object = Meta> = ClientWithMeta<M> & ClientConnection

interface ClientConnection {
  readonly connection: {
    readonly state: ConnectionState
    /** Calls back on every change; returns the unsubscribe. */
    subscribe(listener: (state: ConnectionState) => void): () => void
  }
  /**
   * Ends subscriptions and the connection. Calls in flight have two seconds for their answers. All others fail at once with
   * CLIENT_CLOSED, and nothing is sent or opened any more. Idempotent.
   */
  close(): Promise<void>
}

const RECONNECT_MAX_MS = 8_000
const RESUME_SPREAD_MS = 250
/** The default of `maxWaitMs`: the longest window of the server's rate limits. */
const MAX_WAIT_MS = 60_000
/** How long calls in flight have for their answers after `close`. */
const CLOSE_PATIENCE_MS = 2_000

/**
 * A typed client of Confab over one WebSocket. After a lost connection it reconnects by itself. Subscriptions continue from their
 * last event, and calls that were cut off are sent again where a repetition is safe.
 *
 * @example
 * const chat = createChatClient({ url: 'http://localhost:3000', token })
 * const message = await chat.message.send.mutate({ roomId, clientId: crypto.randomUUID(), content: 'Hello' })
 *
 * @example messages with a `meta` of one's own, which the server checks by `createApp({ messageMeta })`
 * const chat = createChatClient<{ mood?: 'calm' | 'cross' }>({ url, token })
 */
export function createChatClient<M extends object = Meta>({
  url,
  token,
  calls = 'websocket',
  maxWaitMs = MAX_WAIT_MS,
  WebSocket: given,
}: ChatClientOptions): ChatClient<M> {
  // The client itself reports a runtime without a WebSocket.
  const WebSocket: typeof globalThis.WebSocket | undefined = given ?? globalThis.WebSocket
  const monitor = new ConnectionMonitor()
  const limiter = new CallLimiter(maxWaitMs)
  const ended = new AbortController()
  const fetchToken = () => unlessAborted((async () => (typeof token === 'function' ? token() : token))(), ended.signal)
  let policy: AfterClose = 'back-off'
  let connectPauseMs = 0

  const socket = createWSClient({
    // The stock client's own pause can't be ended early. A call that it is about to send while it is closed would open it again.
    url: async () => {
      if (ended.signal.aborted) return new Promise<never>(() => undefined)
      if (connectPauseMs > 0) await pause(connectPauseMs, ended.signal)
      ended.signal.throwIfAborted()
      return endpoint(url, 'ws')
    },
    retryDelayMs: (attempt) => {
      const isResuming = policy !== 'back-off' && attempt === 0
      connectPauseMs = isResuming ? Math.random() * RESUME_SPREAD_MS : backOff(attempt, RECONNECT_MAX_MS)
      return 0
    },
    ...(WebSocket ? { WebSocket: framedSocket(promptWebSocket(WebSocket), ended.signal) } : {}),
    experimental_encoder: frameEncoder,
    connectionParams: async () => {
      const current = await fetchToken()
      renewal.plan(current)
      return { token: current }
    },
    keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 5_000 },
    lazy: { enabled: calls === 'http', closeMs: 0 },
    onClose: (cause) => {
      policy = afterClose(cause?.code)
      const canRenew = typeof token === 'function'
      if (policy === 'give-up' || (policy === 'new-token' && !canRenew)) giveUp(cause?.code)
    },
  })

  const renewal = new TokenRenewal(async () => {
    if (typeof token !== 'function') return
    const next = await fetchToken()
    await client.auth.refresh.mutate({ token: next })
    renewal.plan(next)
  })

  /**
   * From here on nothing is sent or opened. The limiter ends first, because each slot it frees would be taken by the next call.
   */
  function end(reason?: ChatErrorReason) {
    ended.abort(clientError('CLIENT_CLOSED'))
    renewal.cancel()
    limiter.end(clientError(reason ?? 'CLIENT_CLOSED'))
    monitor.end(reason)
  }

  function giveUp(code: number | undefined) {
    end(REASON_OF_CLOSE[code ?? 0] ?? 'UNAUTHENTICATED')
    void socket.close()
  }

  async function close() {
    end()
    const patience = setTimeout(() => limiter.abandon(), CLOSE_PATIENCE_MS)
    await Promise.all([socket.close(), limiter.idle()])
    clearTimeout(patience)
    watching.unsubscribe()
  }

  const watching = socket.connectionState.subscribe({
    next: ({ state }) => monitor.report(state === 'pending' ? 'open' : state),
  })

  const client = createTRPCClient<AppRouter>({
    links: [
      giveUpLink<AppRouter>(monitor, (reason) => clientError(reason ?? 'CLIENT_CLOSED')),
      limiter.link,
      splitLink<AppRouter>({
        condition: ({ type }) => calls === 'websocket' || type === 'subscription',
        true: wsLink<AppRouter>({ client: socket, transformer }),
        // The limiter lets fewer calls through than a batch can hold.
        false: httpBatchLink<AppRouter>({
          url: endpoint(url, 'http'),
          transformer,
          // A length that proxies accept and that the longest query needs: a hundred positions to `room.sync`.
          maxURLLength: 8_000,
          headers: async () => ({ authorization: `Bearer ${await fetchToken()}` }),
        }),
      }),
    ],
  })

  let closing: Promise<void> | undefined
  const own = {
    connection: monitor,
    close: () => (closing ??= close()),
  }
  // The tRPC client is a proxy that answers to any name. The object's own names come first; the proxy answers all others.
  const beneath: ClientWithMeta<M> = Object.create(client)
  return Object.assign(beneath, own)
}

/** `http://host:3000` in any spelling, as the address of the tRPC endpoint. */
function endpoint(url: string, scheme: 'ws' | 'http'): string {
  const address = new URL(url)
  const isSecure = address.protocol === 'https:' || address.protocol === 'wss:'
  const path = address.pathname === '/' ? '/trpc' : address.pathname.replace(/\/$/, '')
  return `${scheme}${isSecure ? 's' : ''}://${address.host}${path}`
}

const REASON_OF_CLOSE: Record<number, ChatErrorReason> = {
  [CLOSE_CODES.TOKEN_EXPIRED]: 'TOKEN_EXPIRED',
  [CLOSE_CODES.TOKEN_REVOKED]: 'TOKEN_REVOKED',
  [CLOSE_CODES.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [CLOSE_CODES.TOKEN_INVALID]: 'TOKEN_INVALID',
  [CLOSE_CODES.USER_BANNED]: 'USER_BANNED',
}
