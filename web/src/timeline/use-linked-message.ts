import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { toVisit } from '../session/visit.ts'
import { onLinkedMessage } from '../ui/route.ts'

/** Goes to the message in the page's address, also in a thread, or says why it can't be shown. */
export function useLinkedMessage(roomId: string) {
  const { client } = useChat()
  const { visit, toasts } = useSession()
  const queries = useChatQueries()
  const queryClient = useQueryClient()

  useEffect(() => {
    let isHere = true
    const warn = (sentence: string) => isHere && toasts.warn(sentence)
    const go = async (messageId: string) => {
      // It may just have been hidden on another device. The server reports a hidden message as missing.
      const hidden = await queryClient.fetchQuery({ ...queries.hidden(roomId), staleTime: 0 })
      if (hidden.includes(messageId)) return warn('You have hidden this message.')
      const message = await client.message.get.query({ roomId, messageId })
      if (message.deletedAt) warn('This message was deleted.')
      else if (isHere) visit.set(toVisit(message))
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
