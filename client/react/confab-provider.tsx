import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { type ChatClient, setLongTimeout } from '../../shared/index.ts'
import { LiveChat } from '../live-chat.ts'
import { isRetryable, toChatFailure } from '../store/chat-failure.ts'
import { ChatContext } from './chat-context.ts'
import { refreshQueries } from './refresh-queries.ts'

interface Shared {
  queryClient: QueryClient
  children: ReactNode
}

interface WithClient extends Shared {
  /** Made once, outside of components. The code that makes it also closes it. */
  client: ChatClient
  chat?: never
  /** Shown until the server has answered who the user is. */
  fallback?: ReactNode
}

interface WithChat extends Shared {
  /** For an application that opens it itself: `LiveChat.open(client)`. */
  chat: LiveChat
  client?: never
  fallback?: never
}

export type ConfabProviderProps = WithClient | WithChat

/**
 * Gives the hooks below it a client and a QueryClient. If the server refuses the client for good, the error goes to the nearest
 * error boundary.
 *
 * @example
 * <ConfabProvider client={client} queryClient={queryClient} fallback={<Spinner />}>
 *   <Rooms />
 * </ConfabProvider>
 */
export function ConfabProvider({ queryClient, children, ...given }: ConfabProviderProps) {
  return (
    <QueryClientProvider client={queryClient}>
      {given.chat ? (
        <ChatScope chat={given.chat} queryClient={queryClient}>
          {children}
        </ChatScope>
      ) : (
        <Arrival client={given.client} queryClient={queryClient} fallback={given.fallback}>
          {children}
        </Arrival>
      )}
    </QueryClientProvider>
  )
}

function ChatScope({ chat, queryClient, children }: Shared & { chat: LiveChat }) {
  useEffect(() => {
    const stop = chat.start()
    const unwatch = refreshQueries(chat, queryClient)
    return () => {
      unwatch()
      stop()
    }
  }, [chat, queryClient])
  return <ChatContext.Provider value={chat}>{children}</ChatContext.Provider>
}

const ASK_AGAIN_MS = 2_000

function Arrival({ client, queryClient, fallback = null, children }: WithClient) {
  const [arrived, setArrived] = useState<{ client: ChatClient; chat?: LiveChat; error?: unknown }>()

  useEffect(() => {
    let isCurrent = true
    let stopWaiting: (() => void) | undefined
    const ask = async () => {
      try {
        const chat = await LiveChat.open(client)
        if (isCurrent) setArrived({ client, chat })
      } catch (error) {
        if (!isCurrent) return
        const failure = toChatFailure(error)
        if (isRetryable(failure) && client.connection.state.status !== 'closed') {
          stopWaiting = setLongTimeout(() => void ask(), failure.retryAfterMs ?? ASK_AGAIN_MS)
        } else setArrived({ client, error })
      }
    }
    void ask()
    return () => {
      isCurrent = false
      stopWaiting?.()
    }
  }, [client])

  // The result of an earlier client does not apply to this one.
  if (arrived?.client !== client) return fallback
  if (!arrived.chat) throw arrived.error
  return (
    <ChatScope chat={arrived.chat} queryClient={queryClient}>
      {children}
    </ChatScope>
  )
}
