import type { Meta } from './json.ts'
import type { Member } from './member.ts'
import type { Message } from './message.ts'
import { formatPosition, parsePosition } from './position.ts'
import type { Room, RoomState } from './room.ts'
import type { RoomEvent } from './room-event.ts'

/** The event does not continue this state: events are missing, or the history is another one. Take a new snapshot. */
export class RoomGapError extends Error {
  override readonly name = 'RoomGapError'
}

/**
 * Folds one event into a room's state and returns the new state. The old state is not changed. Events may repeat and come late:
 * an event that the state already contains changes nothing. The result equals `room.snapshot` at that position, as far back as
 * messages are loaded.
 *
 * An event covers `(prev, seq]`. For a state at position p it is next if `prev <= p < seq`, a repetition if `seq <= p`, and a
 * gap if `prev > p`. A row's content is decided by its `changedSeq`, never by the event's type.
 *
 * @throws {RoomGapError} on a gap and on `reset`.
 */
export function applyRoomEvent<M extends object = Meta>(state: RoomState<M>, event: RoomEvent<M>): RoomState<M> {
  const position = parsePosition(state.position)
  if (!position) throw new RoomGapError(`Unable to fold an event; "${state.position}" is not a position`)
  if (event.type === 'reset') throw new RoomGapError(`Unable to resume; ${event.reason}`)
  if (event.seq <= position.seq) return state
  if (event.prev > position.seq) {
    throw new RoomGapError(`Unable to fold an event; it follows ${event.prev}, the state stands at ${position.seq}`)
  }
  return standAt(fold(state, event), formatPosition(position.epoch, event.seq), event.seq)
}

function fold<M extends object>(state: RoomState<M>, event: Exclude<RoomEvent<M>, { type: 'reset' }>): RoomState<M> {
  switch (event.type) {
    case 'ready':
    case 'hidden':
      return state
    case 'message.created':
    case 'message.updated':
    case 'message.deleted':
      return withMessage(state, event.message)
    case 'member.joined':
    case 'member.updated':
    case 'member.left':
      return withMember(state, event.member, event.memberCount)
    case 'room.updated':
    case 'room.deleted':
      return withRoom(state, event.room)
  }
}

const standAt = <M extends object>(state: RoomState<M>, position: string, lastSeq: number): RoomState<M> => ({
  ...state,
  position,
  room: { ...state.room, position, lastSeq },
})

function withMessage<M extends object>(state: RoomState<M>, message: Message<M>): RoomState<M> {
  if (message.threadId !== null) return state
  const lastOrdinal = Math.max(state.room.lastOrdinal, message.ordinal ?? 0)
  const room = lastOrdinal === state.room.lastOrdinal ? state.room : { ...state.room, lastOrdinal }
  const fromSeq = Math.max(state.messagesFromSeq, state.room.historyFromSeq)
  return { ...state, room, messages: message.seq < fromSeq ? state.messages : upsertMessage(state.messages, message) }
}

function upsertMessage<M extends object>(messages: Message<M>[], message: Message<M>): Message<M>[] {
  const index = messages.findLastIndex((known) => known.seq <= message.seq)
  const known = messages[index]
  if (known?.id !== message.id) return messages.toSpliced(index + 1, 0, message)
  return known.changedSeq < message.changedSeq ? messages.with(index, message) : messages
}

function withMember<M extends object>(state: RoomState<M>, member: Member, memberCount: number): RoomState<M> {
  const room = { ...state.room, memberCount }
  const members = room.isLarge ? [] : upsertMember(state.members, member)
  return { ...state, room, members, messages: withSender(state.messages, member) }
}

function upsertMember(members: Member[], member: Member): Member[] {
  const known = members.find((each) => each.userId === member.userId)
  if (known && known.changedSeq >= member.changedSeq) return members
  const others = known ? members.filter((each) => each !== known) : members
  if (member.leftAt) return others
  return others.toSpliced(others.findLastIndex((each) => each.seq < member.seq) + 1, 0, member)
}

/** Messages show their author as in the member row: a changed profile shows everywhere. */
function withSender<M extends object>(messages: Message<M>[], { userId, user }: Member): Message<M>[] {
  const isStale = ({ senderId, sender }: Message<M>) =>
    senderId === userId && (sender.name !== user.name || sender.pictureUrl !== user.pictureUrl)
  if (!messages.some(isStale)) return messages
  return messages.map((message) => (isStale(message) ? { ...message, sender: user } : message))
}

function withRoom<M extends object>(state: RoomState<M>, room: Room): RoomState<M> {
  if (room.changedSeq <= state.room.changedSeq) return state
  return {
    ...state,
    room: { ...room, lastOrdinal: Math.max(room.lastOrdinal, state.room.lastOrdinal) },
    members: room.isLarge ? [] : state.members,
    messages: state.messages.filter((message) => message.seq >= room.historyFromSeq),
  }
}
