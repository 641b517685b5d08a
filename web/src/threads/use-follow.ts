import { useInfiniteQuery } from '@tanstack/react-query'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'

/** Whether the viewer follows a thread, and a function to change it; undefined until it is known. */
export function useFollow(roomId: string, threadId: string) {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useChatQueries()
  const { data, refetch } = useInfiniteQuery(queries.threads())
  const isFollowed = data?.pages.some(({ items }) => items.some(({ root }) => root.id === threadId))

  const follow = async (isOn: boolean) => {
    const thread = { roomId, threadId }
    try {
      await (isOn ? client.thread.follow.mutate(thread) : client.thread.unfollow.mutate(thread))
      await refetch()
    } catch (error) {
      toasts.fault(error)
    }
  }
  return { isFollowed, follow }
}
