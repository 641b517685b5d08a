import { useEffect } from 'react'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import type { OpenRoom } from './open-room.ts'
import { usePresentViewer } from './use-present-viewer.ts'

/** Whoever is present at the end of the timeline has read it, and does not need what lies far back. */
export function useReading(open: OpenRoom, messages: readonly Message[], isAtEnd: boolean) {
  const { reading } = useSession()
  const isPresent = usePresentViewer()
  const isReading = isPresent && isAtEnd
  const newestSeq = messages.at(-1)?.seq

  useEffect(() => {
    if (!newestSeq || !isAtEnd) return
    open.log.trim()
    if (isReading) open.readMarker.seen(newestSeq)
  }, [newestSeq, isAtEnd, isReading, open])

  useEffect(() => {
    if (!isReading) return
    reading.set(open.roomId)
    return () => reading.set(undefined)
  }, [isReading, reading, open])
}
