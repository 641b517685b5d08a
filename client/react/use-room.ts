import { useMemo } from 'react'
import type { RoomView } from '../room/room-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** A room as it is now, by `phase`, and the way to try again where it could not be loaded. */
export type LiveRoom = RoomView & { reload: () => void }

/**
 * A room, live: what it is, who is in it, and whether it can be seen at all.
 *
 * @example
 * const room = useRoom(roomId)
 * if (room.phase !== 'open') return <Waiting />
 * return <h2>{room.state.room.name}</h2>
 */
export function useRoom(roomId: string): LiveRoom {
  const chat = useChat()
  const store = useMemo(() => chat.room(roomId), [chat, roomId])
  const view = useStore(store.view)
  return useMemo(() => ({ ...view, reload: () => void store.load() }), [view, store])
}
