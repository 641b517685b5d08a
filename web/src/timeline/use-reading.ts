import { useEffect, useRef } from 'react'
import { useReadMarker } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { usePresentViewer } from './use-present-viewer.ts'
import { useUnreadMarks } from './use-unread-marks.ts'

/**
 * A viewer at the end of the timeline has read it. Messages that were marked as unread stay unread until the viewer opens the
 * room again, writes, or comes back to the window and then scrolls to the end.
 */
export function useReading(roomId: string, messages: readonly Message[], isAtEnd: boolean) {
  const { reading } = useSession()
  const isPresent = usePresentViewer()
  const isReading = isPresent && isAtEnd
  const newestSeq = messages.at(-1)?.seq
  const { isHeld, seen, resume } = useReadMarker(roomId)
  const unreadMarks = useUnreadMarks(roomId)
  const hasLeft = useRef(false)
  const wasAtEnd = useRef(isAtEnd)

  useEffect(() => {
    hasLeft.current = false
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- what counts is leaving after the latest mark
  }, [unreadMarks])

  useEffect(() => {
    hasLeft.current ||= !isPresent
  }, [isPresent, unreadMarks])

  useEffect(() => {
    if (isReading && !wasAtEnd.current && hasLeft.current) resume()
    wasAtEnd.current = isAtEnd
    if (newestSeq && isReading) seen(newestSeq)
  }, [newestSeq, isReading, isAtEnd, seen, resume])

  useEffect(() => {
    if (!isReading || isHeld) return
    reading.set(roomId)
    return () => reading.set(undefined)
  }, [isReading, isHeld, reading, roomId])
}
