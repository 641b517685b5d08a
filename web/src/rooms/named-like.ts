import type { RoomEntry } from '../../../client/client-entry.ts'
import { foldedName, nameMatch } from '../ui/name-match.ts'
import { roomTitle } from './room-title.ts'

/** The rooms whose names match the typed text, in their order; all rooms if nothing is typed. */
export function namedLike(entries: readonly RoomEntry[], typed: string, viewerId: string): readonly RoomEntry[] {
  const wanted = foldedName(typed)
  if (wanted === '') return entries
  return entries.filter(({ room }) => nameMatch(foldedName(roomTitle(room, [], viewerId)), wanted) > 0)
}
