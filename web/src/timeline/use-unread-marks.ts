import { useChat, useSelected } from '../../../client/react/react-entry.ts'

/** How often the viewer has marked messages of the room as unread, on any device; undefined while unknown. */
export function useUnreadMarks(roomId: string): number | undefined {
  const { inbox } = useChat()
  return useSelected(inbox.view, () => inbox.countsOf(roomId)?.unreadMarks)
}
