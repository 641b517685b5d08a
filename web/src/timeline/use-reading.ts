import { useEffect } from 'react'
import { useReadMarker } from '../../../client/react/react-entry.ts'
import type { Message } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { usePresentViewer } from './use-present-viewer.ts'

/** Whoever is present at the end of the timeline has read it. */
export function useReading(roomId: string, messages: readonly Message[], isAtEnd: boolean) {
  const { reading } = useSession()
  const isReading = usePresentViewer() && isAtEnd
  const newestSeq = messages.at(-1)?.seq
  const seen = useReadMarker(roomId)

  useEffect(() => {
    if (newestSeq && isReading) seen(newestSeq)
  }, [newestSeq, isReading, seen])

  useEffect(() => {
    if (!isReading) return
    reading.set(roomId)
    return () => reading.set(undefined)
  }, [isReading, reading, roomId])
}
