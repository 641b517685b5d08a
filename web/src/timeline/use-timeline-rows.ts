import { useMemo, useState } from 'react'
import { type RoomMessages, useViewer } from '../../../client/react/react-entry.ts'
import type { RoomChange } from './timeline-change.ts'
import { type Entry, EntryMaker, type Row, toRows } from './timeline-rows.ts'
import type { UnreadLine } from './use-unread-line.ts'

interface TimelineRows {
  entries: readonly Entry[]
  rows: readonly Row[]
  /** When the viewer last wrote a message that is still being sent; 0 if there is none. */
  lastWrittenAt: number
}

/** The rows of the open room's timeline: its messages, and the viewer's own that are still being sent. */
export function useTimelineRows(
  { messages, waiting, older, newer }: RoomMessages,
  { readSeq, isMarked }: UnreadLine,
  changes: readonly RoomChange[],
): TimelineRows {
  const viewer = useViewer()
  const [maker] = useState(() => new EntryMaker())
  const entries = useMemo(() => maker.entries(messages, waiting, viewer), [maker, messages, waiting, viewer])
  const lastSeq = newer === 'none' ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? 0)
  // Messages that were marked as unread have the line above them even if they come first. In a new room, everything is new.
  const lineMayBeFirst = isMarked && older === 'none'
  const rows = useMemo(() => {
    const loaded = changes.filter(({ seq }) => seq < lastSeq)
    return toRows(entries, readSeq, viewer.id, loaded, lineMayBeFirst)
  }, [entries, readSeq, viewer.id, changes, lastSeq, lineMayBeFirst])
  return { entries, rows, lastWrittenAt: waiting.at(-1)?.writtenAt ?? 0 }
}
