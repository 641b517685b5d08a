import type { Inbox, InboxEvent, InboxMark, InboxRoom } from './inbox.ts'
import type { ThreadCounts } from './thread.ts'

export const EMPTY_INBOX: Inbox = {
  rooms: [],
  unread: 0,
  mentions: 0,
  threads: { unread: 0, mentions: 0 },
}

/**
 * Folds one event into the counts of an inbox. The old state is not changed, and an event that the counts already contain
 * changes nothing. Unread follows from ordinals: a message above the marker counts one, unless the viewer sent it, which moves
 * the marker instead. A deleted message above the marker no longer counts. Its tombstone doesn't say whether it was a mention; a
 * `viewer` event follows where that matters.
 */
export function applyInboxEvent(inbox: Inbox, event: InboxEvent<object>, viewerId: string): Inbox {
  switch (event.type) {
    case 'inbox.snapshot':
      return toInbox(event.rooms, event.threads)
    case 'room.added': {
      const { id, lastSeq, lastOrdinal, viewer } = event.room
      const { unread, mentions, readSeq, readOrdinal, unreadMarks } = viewer
      const added = { roomId: id, unread, mentions, lastSeq, lastOrdinal, readSeq, readOrdinal, unreadMarks }
      return toInbox([...inbox.rooms.filter((room) => room.roomId !== id), added], inbox.threads)
    }
    case 'room.removed':
      return toInbox(
        inbox.rooms.filter((room) => room.roomId !== event.roomId),
        inbox.threads,
      )
    case 'message':
      return change(inbox, event.roomId, (room) =>
        [...(event.earlier ?? []), event].reduce((counted, mark) => withMessage(counted, mark, viewerId), room),
      )
    case 'message.deleted':
      return change(inbox, event.roomId, (room) => {
        if (event.seq <= room.lastSeq) return room
        const wasUnread = event.ordinal > room.readOrdinal && event.senderId !== viewerId
        return { ...room, lastSeq: event.seq, unread: Math.max(0, room.unread - (wasUnread ? 1 : 0)) }
      })
    case 'viewer': {
      const { type: _type, hidden: _hidden, settings: _settings, ...counts } = event
      return change(inbox, event.roomId, () => counts)
    }
    case 'threads':
      return { ...inbox, threads: { unread: event.unread, mentions: event.mentions } }
    case 'room.updated':
    case 'message.updated':
      return inbox
  }
}

function withMessage(room: InboxRoom, mark: InboxMark, viewerId: string): InboxRoom {
  const { seq: lastSeq, ordinal: lastOrdinal, senderId, isOnBehalf } = mark
  if (lastSeq <= room.lastSeq) return room
  if (senderId !== viewerId) {
    const mentions = room.mentions + (mark.mentionsRoom || mark.mentions.includes(viewerId) ? 1 : 0)
    return { ...room, lastSeq, lastOrdinal, mentions, unread: room.unread + 1 }
  }
  if (isOnBehalf) return { ...room, lastSeq, lastOrdinal }
  return { ...room, lastSeq, lastOrdinal, readSeq: lastSeq, readOrdinal: lastOrdinal, unread: 0, mentions: 0 }
}

const change = (inbox: Inbox, roomId: string, update: (room: InboxRoom) => InboxRoom): Inbox =>
  toInbox(
    inbox.rooms.map((room) => (room.roomId === roomId ? update(room) : room)),
    inbox.threads,
  )

/** The rooms of an inbox with their sums, and its threads. */
export const toInbox = (rooms: InboxRoom[], threads: ThreadCounts): Inbox => ({
  rooms,
  unread: rooms.reduce((sum, room) => sum + room.unread, 0),
  mentions: rooms.reduce((sum, room) => sum + room.mentions, 0),
  threads,
})
