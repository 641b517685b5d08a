import { useQueryClient } from '@tanstack/react-query'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import type { RoomSettings } from '../../../shared/index.ts'

type SettingsChange = (roomId: string, fields: Partial<RoomSettings>) => () => Promise<void>

/** Changes the viewer's own settings of a room. The fetched data changes at once; the returned function tells the server. */
export function useOwnSettings(): SettingsChange {
  const { client, inbox } = useChat()
  const queries = useChatQueries()
  const queryClient = useQueryClient()
  return (roomId, fields) => {
    const { queryKey } = queries.room(roomId)
    queryClient.setQueryData(
      queryKey,
      (room) => room && { ...room, viewer: { ...room.viewer, settings: { ...room.viewer.settings, ...fields } } },
    )
    return async () => {
      try {
        const room = await client.room.settings.mutate({ roomId, ...fields })
        // The list has no line for a hidden room, and no event brings it back.
        if (!room.viewer.settings.isHidden && !room.archivedAt) inbox.add(room)
      } finally {
        await queryClient.invalidateQueries({ queryKey })
      }
    }
  }
}
