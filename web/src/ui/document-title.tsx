import { useEffect } from 'react'
import { useChat, useSelected, useStore } from '../../../client/react/react-entry.ts'
import { isRoomMuted } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'

/** The window's title: the unread count of rooms and followed threads, and the open place. In muted rooms only mentions count. */
export function DocumentTitle({ place }: { place: string | undefined }) {
  const { inbox } = useChat()
  const { reading } = useSession()
  const readRoomId = useStore(reading)
  const unread = useSelected(inbox.view, ({ inbox: { rooms, threads }, entries }) => {
    const muted = new Set(entries.flatMap(({ room }) => (isRoomMuted(room.viewer) ? room.id : [])))
    return rooms.reduce(
      (sum, { roomId, unread, mentions }) => sum + (roomId === readRoomId ? 0 : muted.has(roomId) ? mentions : unread),
      threads.unread,
    )
  })
  const title = [unread > 0 ? `(${unread}) ` : '', place ? `${place} · ` : '', 'Confab'].join('')

  useEffect(() => {
    document.title = title
    return () => {
      document.title = 'Confab'
    }
  }, [title])

  return null
}
