import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  retryLink,
  splitLink,
  TRPCClientError,
  wsLink,
} from '@trpc/client'
import type { AppRouter } from '../server/rpc/app-router.ts'
import { type AfterClose, afterClose, CLOSE_CODES } from './close-codes.ts'
import { ConnectionMonitor, type ConnectionState } from './connection-monitor.ts'
import { CHAT_ERRORS, type ChatErrorReason } from './errors.ts'
import { giveUpLink } from './give-up-link.ts'
import type { Meta } from './json.ts'
import { promptWebSocket } from './prompt-web-socket.ts'
import { transformer } from './transformer.ts'
import type { ClientWithMeta } from './typed-meta.ts'

export interface ChatClientOptions {
  /** Where the server is: `https://chat.example.com`. http and ws mean the same; the path is `/trpc` unless given. */
  url: string
  /** A token, or a function that fetches one: called before every connect, and before the last one expires. */
  token: string | (() => string | Promise<string>)
  /** Queries and mutations over the WebSocket (default), or batched over HTTP. Subscriptions always use the WebSocket. */
  calls?: 'websocket' | 'http'
  /** For runtimes without a global WebSocket. */
  WebSocket?: typeof WebSocket
}

/** The typed router, with the connection's state and its end. `M` is the `meta` that the host application's messages have. */
export type ChatClient<M extends object = Meta> = ClientWithMeta<M> & ClientConnection

interface ClientConnection {
  readonly connection: {
    readonly state: ConnectionState
    /** Calls back on every change; returns the unsubscribe. */
    subscribe(listener: (state: ConnectionState) => void): () => void
  }
  /** Ends subscriptions and the connection; calls in flight settle first. */
  close(): Promise<void>
}

/** Mutations that change nothing when they run twice. Others are safe with a `clientId`, by which the server knows a repetition. */
const REPEATABLE = new Set([
  'room.direct',
  'room.update',
  'room.join',
  'room.settings',
  'preferences.update',
  'invite.revoke',
  'receipt.read',
  'receipt.delivered',
  'thread.follow',
  'thread.unfollow',
  'thread.read',
  'typing.set',
  'presence.set',
  'user.update',
  'user.upsert',
  'member.mute',
  'member.unmute',
  'message.edit',
  'message.delete',
  'message.pin',
  'message.unpin',
  'message.hide',
  'message.unhide',
  'reaction.add',
  'reaction.remove',
])

const MAX_ATTEMPTS = 5
const BACK_OFF_START_MS = 500
const BACK_OFF_MAX_MS = 8_000
const RESUME_SPREAD_MS = 250

/** Full jitter: anything between nothing and a doubling bound, so that clients dropped together don't come back together. */
const fullJitter = (attempt: number) =>
  Math.random() * Math.min(BACK_OFF_MAX_MS, BACK_OFF_START_MS * 2 ** Math.min(attempt, 16))

/**
 * A client of Confab over one WebSocket: typed, resuming, patient. After a lost connection it comes back by itself, subscriptions
 * go on from their last event, and calls that were cut off are sent again where a repetition is safe.
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
  WebSocket: given,
}: ChatClientOptions): ChatClient<M> {
  // A runtime without one is told so by the client itself.
  const WebSocket: typeof globalThis.WebSocket | undefined = given ?? globalThis.WebSocket
  const fetchToken = async () => (typeof token === 'function' ? token() : token)
  const monitor = new ConnectionMonitor()
  let policy: AfterClose = 'back-off'

  const socket = createWSClient({
    url: endpoint(url, 'ws'),
    ...(WebSocket ? { WebSocket: promptWebSocket(WebSocket) } : {}),
    connectionParams: async () => {
      const current = await fetchToken()
      renewal.plan(current)
      return { token: current }
    },
    retryDelayMs: (attempt) =>
      policy === 'back-off' || attempt > 0 ? fullJitter(attempt) : Math.random() * RESUME_SPREAD_MS,
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

  function giveUp(code: number | undefined) {
    const reason = REASON_OF_CLOSE[code ?? 0] ?? 'UNAUTHENTICATED'
    monitor.end(reason)
    renewal.cancel()
    void socket.close()
  }

  const watching = socket.connectionState.subscribe({
    next: ({ state }) => monitor.report(state === 'pending' ? 'open' : state),
  })

  const overSocket = wsLink<AppRouter>({ client: socket, transformer })
  const client = createTRPCClient<AppRouter>({
    links: [
      giveUpLink<AppRouter>(monitor, connectionEnded),
      retryLink<AppRouter>({
        retry: ({ op, error, attempts }) =>
          attempts < MAX_ATTEMPTS &&
          !monitor.isEnded &&
          !op.signal?.aborted &&
          isConnectionLost(error) &&
          isRepeatable(op),
        retryDelayMs: fullJitter,
      }),
      splitLink<AppRouter>({
        condition: ({ type }) => calls === 'websocket' || type === 'subscription',
        true: overSocket,
        false: httpBatchLink<AppRouter>({
          url: endpoint(url, 'http'),
          transformer,
          // What proxies take, and the longest query needs: a hundred positions to `room.sync`.
          maxURLLength: 8_000,
          headers: async () => ({ authorization: `Bearer ${await fetchToken()}` }),
        }),
      }),
    ],
  })

  const own = {
    connection: monitor,
    async close() {
      renewal.cancel()
      monitor.end()
      await socket.close()
      watching.unsubscribe()
    },
  }
  // The tRPC client is a proxy that answers any name: beneath an object with names of its own, it answers all the others.
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

/** No answer came: neither a result nor an error of the server, so whether the call ran is unknown. */
const isConnectionLost = (error: TRPCClientError<AppRouter>) => error.data === undefined && error.shape === undefined

function isRepeatable({ type, path, input }: { type: string; path: string; input: unknown }): boolean {
  if (type !== 'mutation') return type === 'query'
  if (REPEATABLE.has(path)) return true
  return typeof input === 'object' && input !== null && 'clientId' in input && typeof input.clientId === 'string'
}

const REASON_OF_CLOSE: Record<number, ChatErrorReason> = {
  [CLOSE_CODES.TOKEN_EXPIRED]: 'TOKEN_EXPIRED',
  [CLOSE_CODES.TOKEN_REVOKED]: 'TOKEN_REVOKED',
  [CLOSE_CODES.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [CLOSE_CODES.TOKEN_INVALID]: 'TOKEN_INVALID',
  [CLOSE_CODES.USER_BANNED]: 'USER_BANNED',
}

function connectionEnded(reason: ChatErrorReason | undefined): TRPCClientError<AppRouter> {
  if (!reason) return TRPCClientError.from<AppRouter>(new Error('Unable to call; the client is closed'))
  const { code, message } = CHAT_ERRORS[reason]
  return TRPCClientError.from<AppRouter>({
    error: { message, code: -32_001, data: { code, httpStatus: code === 'FORBIDDEN' ? 403 : 401, reason } },
  })
}

/** Renews a token on the open connection before it expires; what fails here is made good by the reconnect after the expiry. */
class TokenRenewal {
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #renew: () => Promise<void>

  constructor(renew: () => Promise<void>) {
    this.#renew = renew
  }

  plan(token: string) {
    this.cancel()
    const expiresIn = expiryOf(token) - Date.now()
    if (!Number.isFinite(expiresIn)) return
    const delay = Math.max(1_000, expiresIn - Math.max(5_000, Math.min(60_000, expiresIn / 10)))
    this.#timer = setTimeout(() => void this.#renew().catch(() => undefined), Math.min(delay, 2 ** 31 - 1))
  }

  cancel() {
    clearTimeout(this.#timer)
  }
}

/** The `exp` of a JWT in milliseconds; NaN where the text is not one. The server verifies, this only reads. */
function expiryOf(token: string): number {
  try {
    const payload = token.split('.')[1] ?? ''
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims && 'exp' in claims ? Number(claims.exp) * 1_000 : Number.NaN
  } catch {
    return Number.NaN
  }
}
