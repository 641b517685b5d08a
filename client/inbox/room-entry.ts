import type { InboxEvent, Message, MyRoom } from '../../shared/index.ts'

/** A preview of a room's newest message. */
export interface LastMessage {
  messageId: string
  seq: number
  senderId: string
  senderName: string
  preview: string
  at: Date
  isDeleted: boolean
}

/** One line of a list of rooms. */
export interface RoomEntry {
  room: MyRoom
  last: LastMessage | null
  /** The sort key of the list, in milliseconds since 1970. */
  activeAt: number
}

const toLast = ({ id, seq, senderId, sender, content, createdAt, deletedAt }: Message): LastMessage => ({
  messageId: id,
  seq,
  senderId,
  senderName: sender.name,
  preview: content,
  at: createdAt,
  isDeleted: deletedAt !== null,
})

export function toEntry(room: MyRoom): RoomEntry {
  const last = room.lastMessage && toLast(room.lastMessage)
  return { room, last, activeAt: Math.max(room.createdAt.getTime(), last?.at.getTime() ?? 0) }
}

/** Pinned rooms first, then by latest activity, as in `room.list`. */
export const byActivity = (entries: readonly RoomEntry[]): RoomEntry[] =>
  entries.toSorted((a, b) => pinned(b) - pinned(a) || b.activeAt - a.activeAt || a.room.id.localeCompare(b.room.id))

const pinned = ({ room }: RoomEntry) => (room.viewer.settings.isPinned ? 1 : 0)

/** Merges fetched rooms with events that came before the answer: each room keeps the newer state. */
export function mergeEntries(known: readonly RoomEntry[], fetched: readonly MyRoom[]): RoomEntry[] {
  const before = new Map(known.map((entry) => [entry.room.id, entry]))
  return fetched.map((room) => {
    const entry = toEntry(room)
    const earlier = before.get(room.id)
    if (!earlier?.last || earlier.last.seq <= (entry.last?.seq ?? 0)) return entry
    return { ...entry, last: earlier.last, activeAt: earlier.activeAt }
  })
}

/** Folds an inbox event into the list; counts are kept elsewhere. Returns the same list if nothing changed. */
export function applyToEntries(entries: readonly RoomEntry[], event: InboxEvent): readonly RoomEntry[] {
  switch (event.type) {
    case 'room.added':
      return byActivity([
        ...entries.filter(({ room }) => room.id !== event.room.id),
        { ...toEntry(event.room), activeAt: Date.now() },
      ])
    case 'room.removed':
      return entries.filter(({ room }) => room.id !== event.roomId)
    case 'room.updated':
      return event.room.archivedAt
        ? entries.filter(({ room }) => room.id !== event.room.id)
        : change(entries, event.room.id, (entry) => ({ ...entry, room: { ...entry.room, ...event.room } }))
    case 'message':
      return byActivity(
        change(entries, event.roomId, (entry) =>
          event.seq <= (entry.last?.seq ?? 0)
            ? entry
            : { ...entry, last: { ...event, isDeleted: false }, activeAt: event.at.getTime() },
        ),
      )
    case 'message.updated':
      return changeLast(entries, event, { preview: event.preview })
    case 'message.deleted':
      return changeLast(entries, event, { preview: '', isDeleted: true })
    case 'viewer': {
      const { roomId, settings } = event
      if (settings.isHidden) return entries.filter(({ room }) => room.id !== roomId)
      return byActivity(
        change(entries, roomId, (entry) => {
          const { isPinned, notifications, nickname } = entry.room.viewer.settings
          const isSame =
            isPinned === settings.isPinned && notifications === settings.notifications && nickname === settings.nickname
          return isSame ? entry : { ...entry, room: { ...entry.room, viewer: { ...entry.room.viewer, settings } } }
        }),
      )
    }
    case 'inbox.snapshot':
    case 'threads':
      return entries
  }
}

const change = (entries: readonly RoomEntry[], roomId: string, update: (entry: RoomEntry) => RoomEntry) =>
  entries.map((entry) => (entry.room.id === roomId ? update(entry) : entry))

const changeLast = (
  entries: readonly RoomEntry[],
  { roomId, messageId }: { roomId: string; messageId: string },
  fields: Partial<LastMessage>,
) =>
  change(entries, roomId, (entry) =>
    entry.last?.messageId === messageId ? { ...entry, last: { ...entry.last, ...fields } } : entry,
  )
