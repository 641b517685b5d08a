import { useReceipts, useViewer } from '../../../client/react/react-entry.ts'
import { joinNames, usePeople } from './people-context.ts'
import type { Entry } from './timeline-rows.ts'

/** The line below the newest message, if it is the viewer's own: who has seen it, otherwise that it was sent. */
export function useSeen(roomId: string, entries: readonly Entry[]): { key: string; words: string } | undefined {
  const viewer = useViewer()
  const people = usePeople()
  const receipts = useReceipts(roomId)
  const own = entries.findLast(({ sender, message }) => sender.id === viewer.id && message && !message.deletedAt)
  if (!own?.message) return undefined
  const { seq } = own.message
  const readers = [...receipts.values()].filter(({ userId, readSeq }) => readSeq >= seq && userId !== viewer.id)
  const names = readers.flatMap(({ userId }) => people.get(userId)?.name ?? [])
  if (names.length > 0) return { key: own.key, words: `Seen by ${joinNames(names)}` }
  return own === entries.at(-1) ? { key: own.key, words: 'Sent' } : undefined
}
