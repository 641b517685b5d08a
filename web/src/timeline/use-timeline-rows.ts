import { useMemo, useState } from 'react'
import type { RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { useStore } from '../store/use-store.ts'
import type { OpenRoom } from './open-room.ts'
import { type Entry, EntryMaker, type Row, toRows } from './timeline-rows.ts'

interface TimelineRows {
  entries: readonly Entry[]
  rows: readonly Row[]
  /** When the viewer last wrote something that is still on its way; 0 for never. */
  lastWrittenAt: number
}

/** What the open room's timeline shows: its messages and the viewer's own that are still on their way. */
export function useTimelineRows(open: OpenRoom, { messages, room }: RoomState): TimelineRows {
  const { viewer, outbox } = useSession()
  const all = useStore(outbox.entries)
  const waiting = useMemo(() => all.filter(({ roomId }) => roomId === room.id), [all, room.id])
  const [maker] = useState(() => new EntryMaker())
  const entries = useMemo(() => maker.entries(messages, waiting, viewer), [maker, messages, waiting, viewer])
  const rows = useMemo(
    () => toRows(entries, open.readSeqAtOpening, viewer.id),
    [entries, open.readSeqAtOpening, viewer.id],
  )
  return { entries, rows, lastWrittenAt: waiting.at(-1)?.createdAt.getTime() ?? 0 }
}
