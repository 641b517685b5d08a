import { useEffect, useMemo } from 'react'
import { useChat } from './chat-context.ts'

/** The way to tell that the message at `seq`, and all before it, have been on the screen. */
export function useReadMarker(roomId: string): (seq: number) => void {
  const chat = useChat()
  const marker = useMemo(() => chat.readMarker(roomId), [chat, roomId])
  useEffect(() => () => marker.stop(), [marker])
  return useMemo(() => (seq: number) => marker.seen(seq), [marker])
}
