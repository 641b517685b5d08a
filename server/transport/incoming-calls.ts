import { TRPCError } from '@trpc/server'
import { parseTRPCMessage, type TRPCClientOutgoingMessage } from '@trpc/server/rpc'
import type { ConnectionBounds, ConnectionLimit } from './connection-bounds.ts'
import type { WireFormat } from './wire-format.ts'

export interface ReadRules extends Pick<ConnectionBounds, 'maxCallBytes'> {
  maxBatchSize?: number | undefined
  overLimit: (limit: ConnectionLimit) => TRPCError
  /** Takes the error of a batch that is refused as a whole. */
  report: (error: TRPCError) => void
}

export interface IncomingFrame {
  content: string | Uint8Array
  bytes: number
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

/**
 * The messages of a frame, in order. Each stands for itself: one that is malformed or too large is refused, and the others of its
 * batch are carried out. Sizes are looked at before anything is deserialized, which can cost more than it weighs.
 */
export function readCalls(frame: IncomingFrame, format: WireFormat, rules: ReadRules): Incoming[] {
  let decoded: unknown
  try {
    decoded = format.decode(frame.content)
  } catch (cause) {
    return [{ id: null, jsonrpc: undefined, error: new TRPCError({ code: 'PARSE_ERROR', cause }) }]
  }
  const { maxCallBytes = Infinity, maxBatchSize = Infinity, overLimit, report } = rules
  if (!Array.isArray(decoded)) {
    return [frame.bytes > maxCallBytes ? refuse(decoded, overLimit('callBytes')) : readCall(decoded, format)]
  }
  const batch: unknown[] = decoded
  if (batch.length > maxBatchSize) {
    const error = overLimit('batchSize')
    report(error)
    return refuseBatch(batch, error)
  }
  return batch.map((message) => {
    const isTooLarge = frame.bytes > maxCallBytes && format.lengthOf(message) > maxCallBytes
    return isTooLarge ? refuse(message, overLimit('callBytes')) : readCall(message, format)
  })
}

function readCall(message: unknown, { transformer }: WireFormat): Incoming {
  try {
    return parseTRPCMessage(message, transformer)
  } catch (cause) {
    return refuse(message, new TRPCError({ code: 'PARSE_ERROR', cause }))
  }
}

/** Every call of it is answered, so that no client waits for ever. */
function refuseBatch(batch: unknown[], error: TRPCError): Refusal[] {
  const refusals = batch
    .filter((message) => !isStop(message))
    .map((message) => refuse(message, error))
    .filter(({ id }) => id !== null)
  return refusals.length > 0 ? refusals : [refuse(undefined, error)]
}

function refuse(message: unknown, error: TRPCError): Refusal {
  const fields = isObject(message) ? message : {}
  const id = 'id' in fields && isId(fields.id) ? fields.id : null
  return { id, jsonrpc: 'jsonrpc' in fields && fields.jsonrpc === '2.0' ? '2.0' : undefined, error }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isId = (value: unknown): value is number | string => typeof value === 'number' || typeof value === 'string'
const isStop = (message: unknown): boolean =>
  isObject(message) && 'method' in message && message.method === 'subscription.stop'
