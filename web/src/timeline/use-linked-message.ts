import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import { toVisit } from '../session/chat-session.ts'
import { useSession } from '../session/session-context.ts'
import { onLinkedMessage } from '../ui/route.ts'

/** Goes to the message that the page's address names, also to one in a thread, or says why it can't be seen. */
export function useLinkedMessage(roomId: string) {
  const { client } = useChat()
  const { visit, toasts } = useSession()
  const queries = useChatQueries()
  const queryClient = useQueryClient()

  useEffect(() => {
    let isHere = true
    const go = async (messageId: string) => {
      const [message, hidden] = await Promise.all([
        client.message.get.query({ roomId, messageId }),
        queryClient.ensureQueryData(queries.hidden(roomId)),
      ])
      if (!isHere) return
      if (message.deletedAt) toasts.warn('This message was deleted.')
      else if (hidden.includes(messageId)) toasts.warn('You have hidden this message.')
      else visit.set(toVisit(message))
    }
    const unsubscribe = onLinkedMessage(roomId, (messageId) => {
      go(messageId).catch((error: unknown) => isHere && toasts.fault(error))
    })
    return () => {
      isHere = false
      unsubscribe()
    }
  }, [roomId, client, queries, queryClient, visit, toasts])
}
