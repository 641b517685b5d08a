import { useMemo } from 'react'
import type { RoomView } from '../room/room-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** A room by `phase`, and a function to try again if it could not be loaded. */
export type LiveRoom = RoomView & { reload: () => void }

/**
 * A room, live: the room, its members, and whether the viewer can see it at all.
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
