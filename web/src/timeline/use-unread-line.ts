import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { useUnreadMarks } from './use-unread-marks.ts'

/** The position of the unread line while a room is open. */
export interface UnreadLine {
  /** The line is below the messages up to here; Infinity for no line. */
  readSeq: number
  /** The viewer has marked messages as unread, so that even the very first message can have the line. */
  isMarked: boolean
}

/**
 * The line stands where it was when the viewer opened the room. A mark as unread, on any device, moves it above the first marked
 * message.
 */
export function useUnreadLine(roomId: string): UnreadLine {
  const { inbox } = useChat()
  const marks = useUnreadMarks(roomId)
  const [knownMarks, setKnownMarks] = useState(marks)
  const [line, setLine] = useState<UnreadLine>(() => {
    const counts = inbox.countsOf(roomId)
    return { readSeq: counts && counts.unread > 0 ? counts.readSeq : Number.POSITIVE_INFINITY, isMarked: false }
  })
  if (marks !== knownMarks) {
    setKnownMarks(marks)
    const readSeq = inbox.countsOf(roomId)?.readSeq
    if (knownMarks !== undefined && readSeq !== undefined) setLine({ readSeq, isMarked: true })
  }
  return line
}
