import { z } from 'zod'
import type { HiddenChange } from '../../shared/inbox.ts'
import type { Member } from '../../shared/member.ts'
import type { Attachment, ForwardedFrom, Message, Reaction, ThreadSummary } from '../../shared/message.ts'
import { MEMBER_ROLES } from '../../shared/permissions.ts'
import type { Room } from '../../shared/room.ts'
import type { MemberEvent, MessageEvent, RoomChangedEvent, RoomLogEvent } from '../../shared/room-event.ts'
import type { UserSummary } from '../../shared/user.ts'
import {
  type Check,
  isCount,
  isDate,
  isFlag,
  isMeta,
  isNumber,
  isText,
  listOf,
  oneOf,
  orNull,
  shaped,
} from '../lib/checks.ts'
import type { BusMessage, CallsCounted, PresenceChanged, PresenceLease } from './bus.ts'

/** Bump this when the shape of messages changes: nodes of different versions ignore each other's hints. */
const VERSION = '2'

type Json = Record<string, unknown>
/** The path of a Date, as keys from the top. JSON has no dates. */
type Path = string[]

const user = shaped<UserSummary>({ id: isText, name: isText, pictureUrl: orNull(isText) })
const isWhole: Check<number> = (value): value is number => Number.isSafeInteger(value)

export const isForwardedFrom = shaped<ForwardedFrom>({
  roomId: orNull(isText),
  messageId: orNull(isText),
  senderId: isText,
  senderName: isText,
})
export const isReaction = shaped<Reaction>({ emoji: isText, count: isCount, firstUserIds: listOf(isText) })
export const isAttachment = shaped<Attachment>({ id: isText, name: isText, contentType: isText, size: isCount })

const message = shaped<Message>({
  id: isText,
  roomId: isText,
  seq: isCount,
  changedSeq: isCount,
  ordinal: orNull(isCount),
  senderId: isText,
  sender: user,
  clientId: isText,
  isOnBehalf: isFlag,
  kind: oneOf('text', 'image', 'file', 'system'),
  content: isText,
  replyToId: orNull(isText),
  forwardedFrom: orNull(isForwardedFrom),
  threadId: orNull(isText),
  thread: orNull(shaped<ThreadSummary>({ count: isCount, lastAt: isDate, participants: listOf(isText) })),
  mentions: listOf(isText),
  mentionsRoom: isFlag,
  reactions: listOf(isReaction),
  attachments: listOf(isAttachment),
  pinnedAt: orNull(isDate),
  createdAt: isDate,
  editedAt: orNull(isDate),
  deletedAt: orNull(isDate),
  meta: isMeta,
})
const member = shaped<Member>({
  roomId: isText,
  userId: isText,
  user,
  role: oneOf(...MEMBER_ROLES),
  joinedAt: isDate,
  leftAt: orNull(isDate),
  mutedUntil: orNull(isDate),
  seq: isCount,
  joinedSeq: isCount,
  changedSeq: isCount,
})
const room = shaped<Room>({
  id: isText,
  kind: oneOf('direct', 'group', 'channel'),
  name: orNull(isText),
  description: isText,
  isPrivate: isFlag,
  createdBy: isText,
  memberCount: isCount,
  position: isText,
  lastSeq: isCount,
  lastOrdinal: isCount,
  historyFromSeq: isCount,
  historyVisibility: oneOf('all', 'joined'),
  isLarge: isFlag,
  slowModeSeconds: isCount,
  frozenAt: orNull(isDate),
  archivedAt: orNull(isDate),
  createdAt: isDate,
  updatedAt: isDate,
  seq: isCount,
  changedSeq: isCount,
  meta: isMeta,
})

const interval = { seq: isCount, prev: isCount }
const messageEvent = shaped<MessageEvent>({
  type: oneOf('message.created', 'message.updated', 'message.deleted'),
  ...interval,
  message,
})
const memberEvent = shaped<MemberEvent>({
  type: oneOf('member.joined', 'member.updated', 'member.left'),
  ...interval,
  member,
  memberCount: isCount,
})
const roomEvent = shaped<RoomChangedEvent>({ type: oneOf('room.updated', 'room.deleted'), ...interval, room })
const isRoomLogEvent: Check<RoomLogEvent> = (value): value is RoomLogEvent =>
  messageEvent(value) || memberEvent(value) || roomEvent(value)

export const isPresenceLease = shaped<PresenceLease>({
  status: oneOf('online', 'away', 'busy', 'invisible'),
  text: orNull(isText),
  chosenAt: isNumber,
})

const MAX_CALLS = 1_000_000

const isChangedLease: Check<[string, PresenceLease | null]> = (value): value is [string, PresenceLease | null] =>
  Array.isArray(value) && value.length === 2 && isText(value[0]) && orNull(isPresenceLease)(value[1])
const isCallCount: Check<[string, string, number]> = (value): value is [string, string, number] =>
  Array.isArray(value) &&
  value.length === 3 &&
  isText(value[0]) &&
  isText(value[1]) &&
  isCount(value[2]) &&
  value[2] > 0 &&
  value[2] <= MAX_CALLS

type OfType<T extends BusMessage['type']> = Extract<BusMessage, { type: T }>

const BUS_MESSAGES: { [T in BusMessage['type']]: Check<OfType<T>> } = {
  'room.changed': shaped({ type: oneOf('room.changed'), epoch: isText, event: isRoomLogEvent }),
  'typing.changed': shaped({ type: oneOf('typing.changed'), user, isTyping: isFlag }),
  'user.changed': shaped({ type: oneOf('user.changed') }),
  'viewer.changed': shaped({ type: oneOf('viewer.changed'), roomId: isText }),
  'message.hidden': shaped({
    type: oneOf('message.hidden'),
    roomId: isText,
    change: shaped<HiddenChange>({ messageId: isText, isHidden: isFlag }),
  }),
  'wordFilter.changed': shaped({ type: oneOf('wordFilter.changed'), tenantId: isText }),
  'threads.changed': shaped({ type: oneOf('threads.changed') }),
  'receipt.moved': shaped({ type: oneOf('receipt.moved'), userId: isText }),
  'presence.changed': shaped<PresenceChanged>({
    type: oneOf('presence.changed'),
    node: isText,
    base: isWhole,
    version: isWhole,
    leases: listOf(isChangedLease),
  }),
  'calls.counted': shaped<CallsCounted>({ type: oneOf('calls.counted'), node: isText, counts: listOf(isCallCount) }),
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null

const isBusType = (type: unknown): type is BusMessage['type'] =>
  typeof type === 'string' && Object.hasOwn(BUS_MESSAGES, type)

/** Checks that every field of the type is present. A message may have further fields, added by a newer node. */
const isBusMessage: Check<BusMessage> = (value): value is BusMessage =>
  isJson(value) && isBusType(value['type']) && BUS_MESSAGES[value['type']](value)

const envelope = z.tuple([z.unknown(), z.array(z.array(z.string()).min(1).max(8)).max(1_000)])

/** Serializes a message, prefixed with its node so that the node can recognize its own messages without parsing them. */
export function encodeBusMessage(node: string, value: BusMessage): string {
  const dates: Path[] = []
  collectDates(value, [], dates)
  return `${prefixOf(node)}${JSON.stringify([value, dates])}`
}

/** The prefix of all messages of a node. */
export const prefixOf = (node: string): string => `${VERSION} ${node} `

/** @throws if the text is not a message of this version */
export function decodeBusMessage(text: string): BusMessage {
  const [version, node] = text.split(' ', 2)
  if (version !== VERSION || !node) throw new Error('Unable to read a bus message; its version differs')
  const parsed: unknown = JSON.parse(text.slice(version.length + node.length + 2))
  const [value, dates] = envelope.parse(parsed)
  for (const path of dates) reviveDate(value, path)
  if (!isBusMessage(value)) throw new Error('Unable to read a bus message; its shape is unknown')
  return value
}

function collectDates(value: unknown, path: Path, dates: Path[]): void {
  if (!isJson(value)) return
  for (const key of Object.keys(value)) {
    // A host application's metadata is JSON, and may be large.
    if (key === 'meta') continue
    const child = value[key]
    if (child instanceof Date) dates.push([...path, key])
    else if (isJson(child)) collectDates(child, [...path, key], dates)
  }
}

function reviveDate(value: unknown, path: Path): void {
  const key = path.at(-1) ?? ''
  let holder = value
  for (const step of path.slice(0, -1))
    holder = isJson(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined
  if (!isJson(holder) || !Object.hasOwn(holder, key)) throw new Error('Unable to read a bus message; a date is missing')
  const date = new Date(String(holder[key]))
  if (Number.isNaN(date.getTime())) throw new Error('Unable to read a bus message; a date is invalid')
  holder[key] = date
}
