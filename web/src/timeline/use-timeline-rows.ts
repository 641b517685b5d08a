import { useMemo, useState } from 'react'
import { type RoomMessages, useViewer } from '../../../client/react/react-entry.ts'
import type { RoomChange } from './timeline-change.ts'
import { type Entry, EntryMaker, type Row, toRows } from './timeline-rows.ts'

interface TimelineRows {
  entries: readonly Entry[]
  rows: readonly Row[]
  /** When the viewer last wrote something that is still on its way; 0 for never. */
  lastWrittenAt: number
}

/** What the open room's timeline shows: its messages and the viewer's own that are still on their way; unread is what lies beyond `readSeq`. */
export function useTimelineRows(
  { messages, waiting, newer }: RoomMessages,
  readSeq: number,
  changes: readonly RoomChange[],
): TimelineRows {
  const viewer = useViewer()
  const [maker] = useState(() => new EntryMaker())
  const entries = useMemo(() => maker.entries(messages, waiting, viewer), [maker, messages, waiting, viewer])
  const lastSeq = newer === 'none' ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? 0)
  const rows = useMemo(() => {
    const loaded = changes.filter(({ seq }) => seq < lastSeq)
    return toRows(entries, readSeq, viewer.id, loaded)
  }, [entries, readSeq, viewer.id, changes, lastSeq])
  return { entries, rows, lastWrittenAt: waiting.at(-1)?.writtenAt ?? 0 }
}
