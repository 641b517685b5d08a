import { useSession } from '../session/session-context.ts'
import { useSelected, useStore } from '../store/use-store.ts'

/** The window's title: how much is unread, and where the viewer is. */
export function DocumentTitle({ place }: { place: string | undefined }) {
  const { rooms, reading } = useSession()
  const readRoomId = useStore(reading)
  const unread = useSelected(rooms.state, ({ inbox }) =>
    inbox.rooms.reduce((sum, room) => sum + (room.roomId === readRoomId ? 0 : room.unread), 0),
  )
  return <title>{[unread > 0 ? `(${unread}) ` : '', place ? `${place} · ` : '', 'Confab'].join('')}</title>
}
