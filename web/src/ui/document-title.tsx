import { useChat, useSelected, useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'

/** The window's title: how much is unread in rooms and in followed threads, and where the viewer is. */
export function DocumentTitle({ place }: { place: string | undefined }) {
  const { inbox } = useChat()
  const { reading } = useSession()
  const readRoomId = useStore(reading)
  const unread = useSelected(inbox.view, ({ inbox: { rooms, threads } }) =>
    rooms.reduce((sum, room) => sum + (room.roomId === readRoomId ? 0 : room.unread), threads.unread),
  )
  return <title>{[unread > 0 ? `(${unread}) ` : '', place ? `${place} · ` : '', 'Confab'].join('')}</title>
}
