import { useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { useUnreadMarks } from './use-unread-marks.ts'

/** Where the line above what is unread stands while a room is open. */
export interface UnreadLine {
  /** Below what lies up to here; Infinity for no line. */
  readSeq: number
  /** The viewer has put it there, so that the very first message can have it too. */
  isMarked: boolean
}

/** As the viewer found the room, and where messages are marked as unread meanwhile, on any device, above the first of them. */
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
