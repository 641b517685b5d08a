import { z } from 'zod'
import type { RoomLogEvent } from '../../shared/room-event.ts'
import type { BusMessage } from './bus.ts'

/** Another shape of messages is another version: nodes of different versions beside each other ignore each other's hints. */
const VERSION = '2'

type Json = Record<string, unknown>
/** Where a Date was, as keys from the top: JSON knows no dates. */
type Path = string[]

const user = z.looseObject({ id: z.string(), name: z.string(), pictureUrl: z.string().nullable() })
const interval = { seq: z.int().positive(), prev: z.int().min(0) }
const message = z.looseObject({
  id: z.string(),
  roomId: z.string(),
  seq: z.int(),
  changedSeq: z.int(),
  senderId: z.string(),
  sender: user,
  content: z.string(),
  meta: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
})
const member = z.looseObject({
  roomId: z.string(),
  userId: z.string(),
  user,
  joinedAt: z.date(),
  leftAt: z.date().nullable(),
  seq: z.int(),
  joinedSeq: z.int(),
  changedSeq: z.int(),
})
const room = z.looseObject({ id: z.string(), seq: z.int(), changedSeq: z.int(), createdAt: z.date() })

const messageEvent = z.looseObject({ ...interval, message })
const memberEvent = z.looseObject({ ...interval, member, memberCount: z.int() })
const roomEvent = z.looseObject({ ...interval, room })

const ROOM_LOG_EVENTS: Record<RoomLogEvent['type'], z.ZodType> = {
  'message.created': messageEvent,
  'message.updated': messageEvent,
  'message.deleted': messageEvent,
  'member.joined': memberEvent,
  'member.updated': memberEvent,
  'member.left': memberEvent,
  'room.updated': roomEvent,
  'room.deleted': roomEvent,
}

export const presenceLease = z.strictObject({
  status: z.enum(['online', 'away', 'busy', 'invisible']),
  text: z.string().nullable(),
  chosenAt: z.number(),
})

const BUS_MESSAGES: Record<BusMessage['type'], z.ZodType> = {
  'room.changed': z.looseObject({
    epoch: z.string(),
    event: z.custom((event) => isOneOf(ROOM_LOG_EVENTS, event)),
  }),
  'typing.changed': z.looseObject({ user, isTyping: z.boolean() }),
  'user.changed': z.looseObject({}),
  'viewer.changed': z.looseObject({ roomId: z.string() }),
  'message.hidden': z.looseObject({
    roomId: z.string(),
    change: z.looseObject({ messageId: z.string(), isHidden: z.boolean() }),
  }),
  'wordFilter.changed': z.looseObject({ tenantId: z.string() }),
  'threads.changed': z.looseObject({}),
  'receipt.moved': z.looseObject({ userId: z.string() }),
  'presence.changed': z.looseObject({
    node: z.string(),
    base: z.int(),
    version: z.int(),
    leases: z.array(z.tuple([z.string(), presenceLease.nullable()])),
  }),
  'calls.counted': z.looseObject({
    node: z.string(),
    counts: z.array(z.tuple([z.string(), z.string(), z.int().positive().max(1_000_000)])),
  }),
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** What the nodes rely on is there. Rows may hold more than is looked at here: their types are the same code's on each node. */
const isBusMessage = (value: unknown): value is BusMessage => isOneOf(BUS_MESSAGES, value)

function isOneOf(shapes: Record<string, z.ZodType>, value: unknown): boolean {
  if (!isJson(value) || typeof value['type'] !== 'string' || !Object.hasOwn(shapes, value['type'])) return false
  return shapes[value['type']]?.safeParse(value).success ?? false
}

const envelope = z.tuple([z.unknown(), z.array(z.array(z.string()).min(1).max(8)).max(1_000)])

/** A message as text, with the node that says it in front, so that it can know its own without reading them. */
export function encodeBusMessage(node: string, value: BusMessage): string {
  const dates: Path[] = []
  collectDates(value, [], dates)
  return `${prefixOf(node)}${JSON.stringify([value, dates])}`
}

/** How everything begins that a node says. */
export const prefixOf = (node: string): string => `${VERSION} ${node} `

/** @throws where the text is not a message of this version */
export function decodeBusMessage(text: string): BusMessage {
  const [version, node] = text.split(' ', 2)
  if (version !== VERSION || !node) throw new Error('Unable to read a bus message; it is of another version')
  const parsed: unknown = JSON.parse(text.slice(version.length + node.length + 2))
  const [value, dates] = envelope.parse(parsed)
  for (const path of dates) reviveDate(value, path)
  if (!isBusMessage(value)) throw new Error('Unable to read a bus message; its shape is unknown')
  return value
}

function collectDates(value: unknown, path: Path, dates: Path[]): void {
  if (!isJson(value)) return
  for (const key of Object.keys(value)) {
    // What a host application keeps is JSON, and may be large.
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
  if (Number.isNaN(date.getTime())) throw new Error('Unable to read a bus message; a date is none')
  holder[key] = date
}
