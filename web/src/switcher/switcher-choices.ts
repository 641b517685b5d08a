import type { RoomEntry } from '../../../client/client-entry.ts'
import type { InboxRoom, MyRoom, UserSummary } from '../../../shared/index.ts'
import { roomTitle } from '../rooms/room-title.ts'
import { foldedName, nameMatch } from '../ui/name-match.ts'

export type SwitcherChoice =
  | { type: 'room'; key: string; room: MyRoom; title: string; unread: number; mentions: number }
  | { type: 'person'; key: string; user: UserSummary }

const MAX_ROOMS = 20
const MAX_PEOPLE = 8

interface Known {
  entries: readonly RoomEntry[]
  counts: readonly InboxRoom[]
  /** Ids of rooms, the latest visit first. */
  visited: readonly string[]
  /** The users that the server has found for the typed text. */
  users: readonly UserSummary[]
  viewerId: string
  openRoomId: string | undefined
}

/**
 * The options of the switcher. The match with the typed text decides first, then the latest visit, then the order of the list.
 * Without any text, the open room and people are left out. A person whose conversation is listed is not listed twice.
 */
export function switcherChoices(typed: string, known: Known): SwitcherChoice[] {
  const { entries, visited, users, viewerId, openRoomId } = known
  const wanted = foldedName(typed)
  const counts = new Map(known.counts.map((room) => [room.roomId, room]))
  const visits = new Map(visited.map((id, index) => [id, index]))
  const since = (room: MyRoom) => visits.get(room.id) ?? visited.length
  const found = entries
    .filter(({ room }) => wanted !== '' || room.id !== openRoomId)
    .map(({ room }) => {
      const title = roomTitle(room, [], viewerId)
      return { room, title, match: wanted === '' ? 1 : nameMatch(foldedName(title), wanted) }
    })
    .filter(({ match }) => match > 0)
    .toSorted((a, b) => b.match - a.match || since(a.room) - since(b.room))
  const rooms = found.slice(0, MAX_ROOMS).map(({ room, title }): SwitcherChoice => {
    const { unread = 0, mentions = 0 } = counts.get(room.id) ?? {}
    return { type: 'room', key: room.id, room, title, unread: room.id === openRoomId ? 0 : unread, mentions }
  })
  if (wanted === '') return rooms
  const met = new Set([viewerId, ...found.flatMap(({ room }) => room.peer?.id ?? [])])
  const people = users.filter(({ id }) => !met.has(id)).slice(0, MAX_PEOPLE)
  return [...rooms, ...people.map((user): SwitcherChoice => ({ type: 'person', key: `person ${user.id}`, user }))]
}
