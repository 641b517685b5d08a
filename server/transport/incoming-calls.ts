import { TRPCError } from '@trpc/server'
import { parseTRPCMessage, type TRPCClientOutgoingMessage } from '@trpc/server/rpc'
import type { ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import { type JsonPart, splitJson } from './json-parts.ts'
import type { CallId, WireFormat } from './wire-format.ts'

export interface ReadRules extends Pick<ConnectionBounds, 'maxCallBytes' | 'maxCallValues' | 'maxCallDepth'> {
  maxBatchSize?: number | undefined
  overLimit: (limit: ConnectionLimit) => TRPCError
}

export interface IncomingFrame {
  content: Buffer
  isBinary: boolean
}

/** A message that is not carried out, and the call that it answers; null where that can't be known. */
export interface Refusal {
  id: number | string | null
  jsonrpc: '2.0' | undefined
  error: TRPCError
}

/** One element of a frame. */
export type Incoming = TRPCClientOutgoingMessage | Refusal

export const isRefusal = (incoming: Incoming): incoming is Refusal => 'error' in incoming

/** A frame's messages, none of which is parsed before its turn. */
export interface Unread {
  /** In the frame's order. */
  messages: UnreadMessage[]
}

/** A batch of too many calls: each of these is told, with one error for all. None where no call could be named. */
export interface RefusedBatch {
  /** What it costs to tell them. */
  weight: number
  calls: CallId[]
  error: TRPCError
}

/** More calls than a client could have sent by mistake: the frame is refused with its connection. */
export interface RefusedFrame {
  error: TRPCError
}

export interface UnreadMessage {
  /** What it costs to read and begin, in the unit of a turn's budget. */
  weight: number
  read(): Incoming
}

/** A batch beyond `maxBatchSize` is answered call by call up to so many calls. */
const ANSWERED_CALLS = 1_024

/** A call costs as much as this many bytes, whatever is in it, and each value in it as much as some. */
const WEIGHT_OF_CALL = 4_096
const WEIGHT_OF_VALUE = 64
/** To look for a call's id and to tell it what all are told. */
const WEIGHT_OF_REFUSAL = 256
/** To split a frame, per byte: a fraction of what it costs to read its calls. */
const WEIGHT_OF_SPLIT = 1 / 8

/** What it costs to open a frame, before it is known what is in it. */
export const weightOfFrame = ({ content }: IncomingFrame): number =>
  WEIGHT_OF_CALL + Math.ceil(content.length * WEIGHT_OF_SPLIT)

const weightOf = (bytes: number, values: number): number => WEIGHT_OF_CALL + bytes + WEIGHT_OF_VALUE * values

/**
 * Splits a frame into its messages. Each stands for itself: one that is malformed or too large is refused, and the others of its
 * batch are carried out. Sizes are looked at before anything is parsed, which can cost much more than it weighs.
 */
export function openFrame(
  frame: IncomingFrame,
  format: WireFormat,
  rules: ReadRules,
): Unread | RefusedBatch | RefusedFrame {
  if (!format.isJson || frame.isBinary) return openDecoded(frame, format, rules)
  const { content } = frame
  const { maxBatchSize = Infinity } = rules
  const answered = Math.max(maxBatchSize, ANSWERED_CALLS)
  const { whole, parts = [whole] } = splitJson(content, { split: 'array', maxParts: answered })
  if (parts.length > answered) return { error: rules.overLimit('batchSize') }
  if (parts.length > maxBatchSize) {
    return refuseBatch(
      parts.map((part) => headOf(content, part)),
      rules.overLimit('batchSize'),
    )
  }
  return {
    messages: parts.map((part) => ({
      weight: weightOf(part.end - part.start, part.values),
      read: () => readPart(content, part, format, rules),
    })),
  }
}

/** What is no JSON can't be looked into before it is decoded. */
function openDecoded(
  { content, isBinary }: IncomingFrame,
  format: WireFormat,
  rules: ReadRules,
): Unread | RefusedBatch {
  let decoded: unknown
  try {
    decoded = format.decode(isBinary ? content : content.toString())
  } catch (cause) {
    const refusal = refuse({}, new TRPCError({ code: 'PARSE_ERROR', cause }))
    return { messages: [{ weight: WEIGHT_OF_CALL, read: () => refusal }] }
  }
  const { maxCallBytes = Infinity, maxBatchSize = Infinity, overLimit } = rules
  const batch: unknown[] = Array.isArray(decoded) ? decoded : [decoded]
  if (batch.length > maxBatchSize) return refuseBatch(batch.map(fieldsOf), overLimit('batchSize'))
  const isLarge = content.length > maxCallBytes
  return {
    messages: batch.map((message) => ({
      weight: weightOf(content.length / batch.length, 1),
      read: () =>
        isLarge && (batch.length === 1 || format.lengthOf(message) > maxCallBytes)
          ? refuse(fieldsOf(message), overLimit('callBytes'))
          : readCall(message, format),
    })),
  }
}

function readPart(content: Buffer, part: JsonPart, format: WireFormat, rules: ReadRules): Incoming {
  const { maxCallBytes = Infinity, maxCallValues = Infinity, maxCallDepth = Infinity, overLimit } = rules
  if (part.end - part.start > maxCallBytes) return refuse(headOf(content, part), overLimit('callBytes'))
  if (part.values > maxCallValues || part.depth > maxCallDepth) {
    return refuse(headOf(content, part), overLimit('callValues'))
  }
  let message: unknown
  try {
    message = format.decode(content.toString('utf8', part.start, part.end))
  } catch (cause) {
    return refuse({}, new TRPCError({ code: 'PARSE_ERROR', cause }))
  }
  return readCall(message, format)
}

function readCall(message: unknown, { transformer }: WireFormat): Incoming {
  try {
    const fields = fieldsOf(message)
    if ('id' in fields && !isId(fields.id) && fields.id != null) throw new TypeError('The id is malformed or too long')
    return parseTRPCMessage(message, transformer)
  } catch (cause) {
    return refuse(fieldsOf(message), new TRPCError({ code: 'PARSE_ERROR', cause }))
  }
}

/** Every call of it is answered, so that no client waits for ever. */
function refuseBatch(heads: object[], error: TRPCError): RefusedBatch {
  const calls = heads.filter((head) => !isStop(head)).map(callOf)
  const named = calls.flatMap(({ id, jsonrpc }) => (id === null ? [] : [{ id, jsonrpc }]))
  return { weight: WEIGHT_OF_REFUSAL * heads.length, calls: named, error }
}

const refuse = (head: object, error: TRPCError): Refusal => ({ ...callOf(head), error })

const callOf = (head: object): Omit<Refusal, 'error'> => ({
  id: 'id' in head && isId(head.id) ? head.id : null,
  jsonrpc: 'jsonrpc' in head && head.jsonrpc === '2.0' ? '2.0' : undefined,
})

/** Members that are looked through for a call's id: it has four. */
const HEAD_MEMBERS = 8
const HEAD_MEMBER_BYTES = 256
const MAX_ID_LENGTH = 128

/** The short members of a message, without parsing the others. */
function headOf(content: Buffer, { start, end }: JsonPart): object {
  const bytes = content.subarray(start, end)
  const members = splitJson(bytes, { split: 'object', maxParts: HEAD_MEMBERS }).parts ?? []
  const short = members.filter((member) => member.end - member.start <= HEAD_MEMBER_BYTES)
  try {
    return fieldsOf(JSON.parse(`{${short.map((member) => bytes.toString('utf8', member.start, member.end)).join()}}`))
  } catch {
    return {}
  }
}

const fieldsOf = (message: unknown): object => (isObject(message) ? message : {})
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
/** Every answer and event repeats the id of its call: a long one would make each event of a stream as long. */
const isId = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_ID_LENGTH)
const isStop = (head: object): boolean => 'method' in head && head.method === 'subscription.stop'
