import type { AnyTRPCRouter, TRPCErrorShape } from '@trpc/server'
import { type Encoder, jsonEncoder } from '@trpc/server/adapters/ws'
import type { TRPCReconnectNotification, TRPCResponseMessage } from '@trpc/server/rpc'
import type { LiveEvent } from './live-stream.ts'
import { latin1Of, type MessageType, utf8Bytes } from './websocket-frame.ts'

/** A message as it goes into a frame: a string of one character a byte. */
export interface EncodedMessage {
  type: MessageType
  bytes: string
}

/** The call that a response belongs to. */
export interface CallId {
  id: number | string
  jsonrpc: '2.0' | undefined
}

/** Writes and reads messages, with the router's transformer, as JSON or by the encoder of the options. */
export class WireFormat {
  readonly #config: AnyTRPCRouter['_def']['_config']
  readonly #encoder: Encoder
  /** Only JSON can be split before it is parsed, and put together from parts. */
  readonly isJson: boolean

  constructor(router: AnyTRPCRouter, encoder: Encoder = jsonEncoder) {
    this.#config = router._def._config
    this.#encoder = encoder
    this.isJson = encoder === jsonEncoder
  }

  get transformer(): AnyTRPCRouter['_def']['_config']['transformer'] {
    return this.#config.transformer
  }

  /** @throws what the encoder throws for a malformed message */
  decode(frame: string | Uint8Array): unknown {
    return this.#encoder.decode(frame)
  }

  /** @throws if the data can't be serialized */
  encode(response: TRPCResponseMessage): EncodedMessage {
    return this.#encode(this.#transform(response))
  }

  /** Encodes one error as the response to many calls. The error is serialized once. */
  encodeForAll(calls: CallId[], error: TRPCErrorShape): EncodedMessage[] {
    if (!this.isJson) return calls.map(({ id, jsonrpc }) => this.encode({ id, jsonrpc, error }))
    const { serialize } = this.#config.transformer.output
    const body = utf8Bytes(`,"error":${JSON.stringify(serialize(error))}}`)
    return calls.map((call) => ({ type: 'text', bytes: callHead(call) + body }))
  }

  encodeNotification(notification: TRPCReconnectNotification): EncodedMessage {
    return this.#encode(notification)
  }

  /** The bytes of a message that was decoded. */
  lengthOf(message: unknown): number {
    return this.#encode(message).bytes.length
  }

  /** The part before every shared event of one subscription; undefined if messages can't be put together from parts. */
  sharedHead(call: CallId): string | undefined {
    return this.isJson ? `${callHead(call)},"result":` : undefined
  }

  /** The part behind it: the same for every subscription, and serialized once. @throws if the data can't be serialized */
  readonly sharedBody = (event: LiveEvent): string => {
    const { result } = this.#transform(eventMessage(null, event))
    return utf8Bytes(`${JSON.stringify(result)}}`)
  }

  /** Does what `transformTRPCResponse` does, without copying each level of a message twice. */
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

/**
 * An event in tRPC's protocol. The id of a tracked one stands there twice: the client resumes from one, and its user reads the
 * other.
 */
export function eventMessage(
  call: CallId | null,
  { id, data }: { id?: string | undefined; data: unknown },
): TRPCResponseMessage {
  const result = id === undefined ? { type: 'data' as const, data } : { type: 'data' as const, data: { id, data }, id }
  return { id: call?.id ?? null, jsonrpc: call?.jsonrpc, result }
}
