import type { AnyTRPCRouter, TRPCErrorShape } from '@trpc/server'
import { type Encoder, jsonEncoder } from '@trpc/server/adapters/ws'
import type { TRPCReconnectNotification, TRPCResponseMessage } from '@trpc/server/rpc'
import type { LiveEvent } from './live-stream.ts'
import { latin1Of, type MessageType, utf8Bytes } from './websocket-frame.ts'

/** A message as it goes into a frame: its bytes, one character each. */
export interface EncodedMessage {
  type: MessageType
  bytes: string
}

/** Which call an answer belongs to. */
export interface CallId {
  id: number | string
  jsonrpc: '2.0' | undefined
}

/** How messages are written and read: the router's transformer, and JSON or the encoder of the options. */
export class WireFormat {
  readonly #config: AnyTRPCRouter['_def']['_config']
  readonly #encoder: Encoder
  /** Only JSON can be taken apart unread, and put together from parts. */
  readonly isJson: boolean

  constructor(router: AnyTRPCRouter, encoder: Encoder = jsonEncoder) {
    this.#config = router._def._config
    this.#encoder = encoder
    this.isJson = encoder === jsonEncoder
  }

  get transformer(): AnyTRPCRouter['_def']['_config']['transformer'] {
    return this.#config.transformer
  }

  /** @throws what the encoder throws for a message that is none */
  decode(frame: string | Uint8Array): unknown {
    return this.#encoder.decode(frame)
  }

  /** @throws where the data can't be serialized */
  encode(response: TRPCResponseMessage): EncodedMessage {
    return this.#encode(this.#transform(response))
  }

  /** One error as the answer to many calls: what differs is little beside it. */
  encodeForAll(calls: CallId[], error: TRPCErrorShape): EncodedMessage[] {
    if (!this.isJson) return calls.map(({ id, jsonrpc }) => this.encode({ id, jsonrpc, error }))
    const { serialize } = this.#config.transformer.output
    const body = utf8Bytes(`,"error":${JSON.stringify(serialize(error))}}`)
    return calls.map((call) => ({ type: 'text', bytes: callHead(call) + body }))
  }

  encodeNotification(notification: TRPCReconnectNotification): EncodedMessage {
    return this.#encode(notification)
  }

  /** Bytes of a message that was decoded before. */
  lengthOf(message: unknown): number {
    return this.#encode(message).bytes.length
  }

  /** What precedes every shared event of one subscription; undefined where messages can't be put together. */
  sharedHead(call: CallId): string | undefined {
    return this.isJson ? `${callHead(call)},"result":` : undefined
  }

  /** What follows it: the same for every subscription, and serialized once. @throws where the data can't be serialized */
  readonly sharedBody = (event: LiveEvent): string => {
    const { result } = this.#transform(eventMessage(null, event))
    return utf8Bytes(`${JSON.stringify(result)}}`)
  }

  /** What `transformTRPCResponse` does, without copying each level of a message twice. */
  #transform(response: TRPCResponseMessage) {
    const { serialize } = this.#config.transformer.output
    const { id, jsonrpc } = response
    if ('error' in response) return { id, jsonrpc, error: serialize(response.error), result: undefined }
    const { result } = response
    return { id, jsonrpc, result: 'data' in result ? { ...result, data: serialize(result.data) } : result }
  }

  #encode(message: unknown): EncodedMessage {
    const encoded = this.#encoder.encode(message)
    return typeof encoded === 'string'
      ? { type: 'text', bytes: utf8Bytes(encoded) }
      : { type: 'binary', bytes: latin1Of(encoded) }
  }
}

const callHead = ({ id, jsonrpc }: CallId): string => utf8Bytes(JSON.stringify({ id, jsonrpc }).slice(0, -1))

/** An event as tRPC's protocol has it: a tracked one's id twice, for the client to resume from and for its user. */
export function eventMessage(
  call: CallId | null,
  { id, data }: { id?: string | undefined; data: unknown },
): TRPCResponseMessage {
  const result = id === undefined ? { type: 'data' as const, data } : { type: 'data' as const, data: { id, data }, id }
  return { id: call?.id ?? null, jsonrpc: call?.jsonrpc, result }
}
