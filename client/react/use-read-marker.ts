import { useEffect, useMemo } from 'react'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** `seen` and `resume` stay the same functions as long as the room does. */
export interface ReadingMarker {
  /** True after messages were marked as unread here: nothing is read until the viewer reads on. */
  isHeld: boolean
  /** Records that the message at `seq` and all before it have been on the screen. */
  seen: (seq: number) => void
  /** Reads on after messages were marked as unread, without waiting for the next opening of the room. */
  resume: () => void
}

/**
 * Reports what has been on the screen in a room. Once messages are marked as unread, on any device, nothing more is read until
 * the component is mounted again, the viewer writes, the room is marked as read, or `resume` is called.
 */
export function useReadMarker(roomId: string): ReadingMarker {
  const chat = useChat()
  const marker = useMemo(() => chat.readMarker(roomId), [chat, roomId])
  useEffect(() => {
    marker.start()
    return () => marker.stop()
  }, [marker])
  const acts = useMemo(() => ({ seen: (seq: number) => marker.seen(seq), resume: () => marker.resume() }), [marker])
  return { ...acts, isHeld: useStore(marker.isHeld) }
}
