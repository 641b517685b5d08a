import { useEffect, useMemo } from 'react'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** `seen` and `resume` stay the same functions as long as the room does. */
export interface ReadingMarker {
  /** Messages were marked as unread here, and nothing is read until the viewer reads on. */
  isHeld: boolean
  /** Tells that the message at `seq`, and all before it, have been on the screen. */
  seen: (seq: number) => void
  /** Reads on after messages were marked as unread, before the room is opened the next time. */
  resume: () => void
}

/**
 * The way to tell what of a room has been on the screen. Once messages are marked as unread, on any device, nothing more is read until
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
