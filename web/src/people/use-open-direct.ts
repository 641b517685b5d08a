import { useCallback } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { showRoom } from '../ui/route.ts'

/** Opens the direct conversation with a user. @throws what `room.direct` throws. */
export function useOpenDirect(): (userId: string) => Promise<void> {
  const { client, inbox } = useChat()
  return useCallback(
    async (userId) => {
      const room = await client.room.direct.mutate({ userId })
      inbox.add(room)
      showRoom(room.id)
    },
    [client, inbox],
  )
}
