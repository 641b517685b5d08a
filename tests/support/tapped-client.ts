import { LiveChat, type LiveChatOptions } from '../../client/client-entry.ts'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import { signToken } from './test-app.ts'

/** A client whose wire can be listened to and cut. */
export interface TappedClient {
  client: ChatClient
  /** The paths of all calls that left, in order; a subscription that is ended as `stop <path>`. */
  sent: string[]
  /** Drops the connection that is open, as a lost network does; the client comes back by itself. */
  cut(): void
  /** Cuts, and lets no connection come about until it is called again with false. */
  goOffline(isOffline: boolean): void
}

interface Frame {
  id: number
  method: string
  params?: { path: string }
}

const isFrame = (value: unknown): value is Frame =>
  typeof value === 'object' && value !== null && 'id' in value && 'method' in value

export async function tapClient(url: string, userId: string): Promise<TappedClient> {
  const sent: string[] = []
  const paths = new Map<number, string>()
  const sockets = new Set<WebSocket>()
  let isOffline = false

  const note = (text: string) => {
    if (!text.startsWith('{') && !text.startsWith('[')) return
    const frames: unknown[] = [JSON.parse(text)].flat()
    for (const frame of frames) {
      if (!isFrame(frame)) continue
      if (frame.params) paths.set(frame.id, frame.params.path)
      const path = paths.get(frame.id)
      if (path) sent.push(frame.method === 'subscription.stop' ? `stop ${path}` : path)
    }
  }

  class TappedSocket extends WebSocket {
    constructor(address: string | URL) {
      // Nobody listens there: the connection is refused.
      super(isOffline ? 'ws://127.0.0.1:2' : address)
      sockets.add(this)
      this.addEventListener('close', () => sockets.delete(this))
    }

    override send(data: Parameters<WebSocket['send']>[0]) {
      if (typeof data === 'string') note(data)
      super.send(data)
    }
  }

  const client = createChatClient({ url, token: await signToken(userId), WebSocket: TappedSocket })
  const cut = () => {
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.close()
  }
  return {
    client,
    sent,
    cut,
    goOffline(nowOffline) {
      isOffline = nowOffline
      if (nowOffline) cut()
    },
  }
}

export async function openTapped(url: string, userId: string, options?: LiveChatOptions) {
  const tap = await tapClient(url, userId)
  return { ...tap, chat: await LiveChat.open(tap.client, options) }
}

/** Resolves when the store's value is as wanted, at once where it is already; and keeps the store going until then. */
export function becomes<T, S extends T>(
  store: { get(): T; subscribe(listener: () => void): () => void },
  isWanted: (value: T) => value is S,
): Promise<S>
export function becomes<T>(
  store: { get(): T; subscribe(listener: () => void): () => void },
  isWanted: (value: T) => boolean,
): Promise<T>
export function becomes<T>(
  store: { get(): T; subscribe(listener: () => void): () => void },
  isWanted: (value: T) => boolean,
): Promise<T> {
  return new Promise((resolve) => {
    const look = () => {
      const value = store.get()
      if (!isWanted(value)) return
      unsubscribe()
      resolve(value)
    }
    const unsubscribe = store.subscribe(look)
    queueMicrotask(look)
  })
}
