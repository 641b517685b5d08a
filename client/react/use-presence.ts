import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Presence } from '../../shared/index.ts'
import type { PresenceMap } from '../people/presence-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/**
 * A user's presence, live; undefined while it is not known. With a `roomId` it comes from the stream of that room's members,
 * which costs nothing more however many users are shown.
 */
export function usePresence(userId: string, roomId?: string): Presence | undefined {
  const { presence } = useChat()
  const store = useMemo(() => (roomId ? presence.room(roomId) : presence.users), [presence, roomId])
  const subscribe = useCallback(
    (listener: () => void) => (roomId ? store.subscribe(listener) : presence.watch(userId, listener)),
    [presence, store, userId, roomId],
  )
  const read = () => store.get().get(userId)
  return useSyncExternalStore(subscribe, read, read)
}

/** Presence of a room's members by user id, live. Empty for a large room. */
export function useRoomPresence(roomId: string): PresenceMap {
  const { presence } = useChat()
  return useStore(useMemo(() => presence.room(roomId), [presence, roomId]))
}
