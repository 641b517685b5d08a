import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'

/** Hides a message from the viewer alone, or shows it again: on the server, and then in the page's data. */
export function useHiding(roomId: string): (messageId: string, isHidden: boolean) => Promise<void> {
  const { client } = useChat()
  const queries = useChatQueries()
  const queryClient = useQueryClient()
  return useCallback(
    async (messageId, isHidden) => {
      const { queryKey } = queries.hidden(roomId)
      const place = { roomId, messageId }
      await (isHidden ? client.message.hide.mutate(place) : client.message.unhide.mutate(place))
      await queryClient.cancelQueries({ queryKey })
      queryClient.setQueryData<readonly string[]>(queryKey, (known = []) => {
        const others = known.filter((id) => id !== messageId)
        return isHidden ? [messageId, ...others] : others
      })
    },
    [client, queries, queryClient, roomId],
  )
}
