import { TRPCError } from '@trpc/server'
import { parseTRPCMessage, type TRPCClientOutgoingMessage } from '@trpc/server/rpc'
import type { AdmittedBounds, ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import { type JsonPart, splitJson } from './json-parts.ts'
import type { CallId, WireFormat } from './wire-format.ts'

/** What reading a frame depends on. */
export interface ReadRules {
  readonly options: Pick<ConnectionBounds, 'maxCallBytes' | 'maxCallValues' | 'maxCallDepth'> &
    Pick<AdmittedBounds, 'maxBatchSize'>
  readonly format: WireFormat
  overLimit: (limit: ConnectionLimit) => TRPCError
}

export interface IncomingFrame {
  content: Buffer
  isBinary: boolean
}

/** A message that is not carried out, and the id of its call; null where the id is unknown. */
export interface RefusedMessage {
  id: CallId['id'] | null
  jsonrpc: CallId['jsonrpc']
  error: TRPCError
}

/** One element of a frame, parsed. */
export type IncomingMessage = TRPCClientOutgoingMessage | RefusedMessage

export const isRefused = (message: IncomingMessage): message is RefusedMessage => 'error' in message

/** One element of a frame that is parsed in its turn. */
export interface UnparsedMessage {
  /** The cost of parsing and dispatching it, in the unit of a turn's budget. */
  weight: number
  parse(): IncomingMessage
}

/** The messages of a frame, in its order. */
export interface MessageBatch {
  messages: UnparsedMessage[]
}

/** A batch with too many calls: each of them gets the same error. The list is empty where no call could be named. */
export interface RefusedBatch {
  /** The cost of answering them. */
  weight: number
  calls: CallId[]
  error: TRPCError
}

/** A batch with more calls than a client sends by mistake: the connection ends with it. */
export interface RefusedFrame {
  error: TRPCError
}

/** A batch above `maxBatchSize` is answered call by call up to this many calls. */
const MAX_ANSWERED_CALLS = 1_024

/** A call weighs this many bytes whatever it holds, and each value in it weighs a few. */
const WEIGHT_OF_CALL = 4_096
const WEIGHT_OF_VALUE = 64
/** The weight of finding a call's id and answering it with the error of its batch. */
const WEIGHT_OF_REFUSAL = 256
/** The weight of splitting a frame, per byte: a fraction of parsing its calls. */
const WEIGHT_OF_SPLIT = 1 / 8

/** The weight of splitting a frame, which is known before its messages are. */
export const weightOfFrame = ({ content }: IncomingFrame): number =>
  WEIGHT_OF_CALL + Math.ceil(content.length * WEIGHT_OF_SPLIT)

const weightOf = (bytes: number, values: number): number => WEIGHT_OF_CALL + bytes + WEIGHT_OF_VALUE * values

/**
 * Splits a frame into its messages. Each stands for itself: one that is malformed or too large is refused, and the others of its
 * batch are carried out. Sizes are checked before anything is parsed, because parsing can cost much more than the bytes suggest.
 */
export function readFrame(frame: IncomingFrame, rules: ReadRules): MessageBatch | RefusedBatch | RefusedFrame {
  if (!rules.format.isJson || frame.isBinary) return readDecoded(frame, rules)
  const { content } = frame
  const { maxBatchSize = Infinity } = rules.options
  const answered = Math.max(maxBatchSize, MAX_ANSWERED_CALLS)
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
      parse: () => parsePart(content, part, rules),
    })),
  }
}

/** Reads a frame of another encoder, which can't be split before it is decoded. */
function readDecoded({ content, isBinary }: IncomingFrame, rules: ReadRules): MessageBatch | RefusedBatch {
  const { format, overLimit } = rules
  const { maxCallBytes = Infinity, maxBatchSize = Infinity } = rules.options
  let decoded: unknown
  try {
    decoded = format.decode(isBinary ? content : content.toString())
  } catch (cause) {
    const refused = refuse({}, new TRPCError({ code: 'PARSE_ERROR', cause }))
    return { messages: [{ weight: WEIGHT_OF_CALL, parse: () => refused }] }
  }
  const batch: unknown[] = Array.isArray(decoded) ? decoded : [decoded]
  if (batch.length > maxBatchSize) return refuseBatch(batch.map(fieldsOf), overLimit('batchSize'))
  const isLarge = content.length > maxCallBytes
  return {
    messages: batch.map((message) => ({
      weight: weightOf(content.length / batch.length, 1),
      parse: () =>
        isLarge && (batch.length === 1 || format.lengthOf(message) > maxCallBytes)
          ? refuse(fieldsOf(message), overLimit('callBytes'))
          : toCall(message, format),
    })),
  }
}

function parsePart(content: Buffer, part: JsonPart, { options, format, overLimit }: ReadRules): IncomingMessage {
  const { maxCallBytes = Infinity, maxCallValues = Infinity, maxCallDepth = Infinity } = options
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
  return toCall(message, format)
}

function toCall(message: unknown, { transformer }: WireFormat): IncomingMessage {
  try {
    const fields = fieldsOf(message)
    if ('id' in fields && !isId(fields.id) && fields.id != null) throw new TypeError(BAD_ID)
    return parseTRPCMessage(message, transformer)
  } catch (cause) {
    return refuse(fieldsOf(message), new TRPCError({ code: 'PARSE_ERROR', cause }))
  }
}

/** Refuses every call of a batch, so that no client waits for ever. */
function refuseBatch(heads: object[], error: TRPCError): RefusedBatch {
  const calls = heads.filter((head) => !isStop(head)).map(callOf)
  const named = calls.flatMap(({ id, jsonrpc }) => (id === null ? [] : [{ id, jsonrpc }]))
  return { weight: WEIGHT_OF_REFUSAL * heads.length, calls: named, error }
}

const refuse = (head: object, error: TRPCError): RefusedMessage => ({ ...callOf(head), error })

const callOf = (head: object): Omit<RefusedMessage, 'error'> => ({
  id: 'id' in head && isId(head.id) ? head.id : null,
  jsonrpc: 'jsonrpc' in head && head.jsonrpc === '2.0' ? '2.0' : undefined,
})

/** Members that are searched for a call's id: a call has four. */
const HEAD_MEMBERS = 8
const HEAD_MEMBER_BYTES = 256
const MAX_ID_LENGTH = 128
const BAD_ID = `Unable to use the id; send a number or a string of at most ${MAX_ID_LENGTH} characters`

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
/** Every response and event repeats the id of its call: a long one would make each event of a stream as long. */
const isId = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_ID_LENGTH)
const isStop = (head: object): boolean => 'method' in head && head.method === 'subscription.stop'
