import type { IncomingMessage } from 'node:http'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { type RawData, WebSocket } from 'ws'
import { CallDispatcher } from './call-dispatcher.ts'
import type { AdmittedBounds, ConnectionLimit } from './connection-bounds.ts'
import { ConnectionContext, expectsParams } from './connection-context.ts'
import type { ConnectionCore, HandlerCore } from './handler-core.ts'
import { IncomingQueue } from './incoming-queue.ts'
import { KeepAlive } from './keep-alive.ts'
import { OutgoingQueue } from './outgoing-queue.ts'
import { ReadThrottle } from './read-throttle.ts'
import { ResponseWriter } from './response-writer.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { EncodedMessage } from './wire-format.ts'

/** Why this side ended a connection, and the close code that it sent. */
export interface CloseCause {
  error: TRPCError
  code: number | undefined
}

/** Codes with which ws itself closes because of what it read (RFC 6455, section 7.4.1). */
const PROTOCOL_FAULTS = new Set([1002, 1003, 1007, 1008])

/**
 * One connection: it passes frames on to be dispatched, until it closes. When this side ends it, the peer is told why first, in
 * an error with `id: null`: to a bare close the stock client answers with hundreds of reconnects a second.
 */
export class Connection {
  readonly client: WebSocket
  readonly req: IncomingMessage
  readonly #core: ConnectionCore
  readonly #outgoing: OutgoingQueue
  readonly #responses: ResponseWriter
  readonly #context: ConnectionContext
  readonly #dispatcher: CallDispatcher
  readonly #throttle: ReadThrottle
  readonly #incoming: IncomingQueue
  readonly #keepAlive: KeepAlive | undefined
  #user: string | undefined
  #closeCause: CloseCause | undefined
  #isEnded = false

  constructor(shared: HandlerCore, client: WebSocket, req: IncomingMessage) {
    const core: ConnectionCore = { ...shared }
    const { frameRate, keepAlive, maxFrameBytes } = core.options
    this.#core = core
    this.client = client
    this.req = req
    this.#outgoing = new OutgoingQueue(client, req.socket, { ...boundsOf(core), flushes: core.flushes, owner: this })
    this.#responses = new ResponseWriter(core, this.#outgoing, this)
    this.#context = new ConnectionContext({
      core,
      client,
      req,
      onMade: () => this.#incoming.release(),
      onFailed: (error) => this.#refuseCalls(error),
    })
    this.#dispatcher = new CallDispatcher(core, {
      connection: this,
      context: this.#context,
      outgoing: this.#outgoing,
      responses: this.#responses,
    })
    this.#throttle = new ReadThrottle(client, frameRate)
    this.#incoming = new IncomingQueue({
      source: this,
      rules: core,
      budget: core.budget,
      throttle: this.#throttle,
      dispatcher: this.#dispatcher,
      responses: this.#responses,
      maxBytes: maxFrameBytes,
    })
    if (keepAlive?.enabled) this.#keepAlive = new KeepAlive(client, keepAlive)
    this.#listen()
    if (!expectsParams(req)) this.#context.make()
  }

  /** The context of its calls; undefined until it is made. */
  get ctx(): unknown {
    return this.#context.value
  }

  /** The user, once it is known. */
  get user(): string | undefined {
    return this.#user
  }

  /** Why this side ended it; undefined if the peer did, or while it is open. */
  get closeCause(): CloseCause | undefined {
    return this.#closeCause
  }

  get isOpen(): boolean {
    return this.client.readyState === WebSocket.OPEN
  }

  /** Names its user, before its context is made and any call is parsed. `calls` is what all connections of the user share. */
  identify(user: string, calls: TokenBucket | undefined): void {
    this.#user = user
    if (calls) this.#throttle.shareCalls(calls)
  }

  /** Replaces its bounds from now on. Calls and subscriptions that have begun go on. */
  allow(bounds: AdmittedBounds): void {
    this.#core.options = { ...this.#core.options, ...bounds }
    if (bounds.frameRate) this.#throttle.setFrameRate(bounds.frameRate)
  }

  /** Sends a message that belongs to no call, without waiting for the end of the turn. */
  notify({ type, bytes }: EncodedMessage): void {
    this.#outgoing.send(type, '', bytes)
    this.#outgoing.flush()
  }

  /** Says why, and closes. Idempotent. */
  refuse(cause: unknown, limit?: ConnectionLimit): void {
    if (this.#isEnded || !this.isOpen) return
    const error = getTRPCErrorFromUnknown(cause)
    this.#responses.sayLast(error)
    this.#close(error, limit)
  }

  /** Ends a connection whose peer reads too slowly. */
  overflow(): void {
    this.refuse(this.#core.overLimit('queuedBytes'), 'queuedBytes')
  }

  /** Notes that the peer has read something. */
  gainedRoom(): void {
    this.#keepAlive?.heard()
  }

  /**
   * Answers a PING. Each one is answered, and in order with everything else: the stock client counts on both when it reconnects.
   */
  pong(): void {
    this.#outgoing.send('text', '', 'PONG')
  }

  #listen(): void {
    const { client } = this
    client.on('message', (data, isBinary) => this.#receive(data, isBinary))
    if (this.#keepAlive || this.#core.options.frameRate) {
      const count = () => this.#count(0)
      client.on('ping', count).on('pong', count)
    }
    // Without a listener an error, which every malformed frame is, ends the process.
    client.on('error', (cause) => this.#responses.report(cause))
    client.on('closing', (code?: number, reason?: unknown) => this.#beforeClose(code, reason))
    client.once('close', () => {
      this.#end()
      this.#throttle.stop()
    })
  }

  #receive(data: RawData, isBinary: boolean): void {
    const bytes = Buffer.isBuffer(data) ? data.length : 0
    this.#count(bytes)
    // A peer that was refused may go on talking until it sees the close.
    if (!this.isOpen) return
    if (!Buffer.isBuffer(data)) return this.#refuseFormat()
    const { maxFrameBytes = Infinity } = this.#core.options
    if (bytes > maxFrameBytes) return this.refuse(this.#core.overLimit('frameBytes'), 'frameBytes')
    if (!isBinary && isText(data, 'PING')) return this.#ping()
    if (!isBinary && isText(data, 'PONG')) return
    if (this.#context.isExpected) this.#receiveParams(data, isBinary)
    else this.#incoming.push({ content: data, isBinary })
  }

  /** The first message, which anybody may send, is bounded as a call is. */
  #receiveParams(data: Buffer, isBinary: boolean): void {
    const { maxCallBytes = Infinity } = this.#core.options
    if (data.length > maxCallBytes) this.refuse(this.#core.overLimit('frameBytes'), 'frameBytes')
    else this.#context.makeFrom(data, isBinary)
  }

  #count(bytes: number): void {
    this.#keepAlive?.heard()
    this.#throttle.countFrame(bytes)
  }

  #ping(): void {
    if (this.#core.options.dangerouslyDisablePong) return
    // Before the context is made nothing else is answered either.
    if (this.#context.isMade && !this.#incoming.isEmpty) this.#incoming.push('PING')
    else this.pong()
  }

  /** Says why there is no context, answers what was asked already, and closes. */
  #refuseCalls(error: TRPCError): void {
    this.#responses.report(error)
    this.#responses.sayLast(error)
    this.#incoming.release()
    setImmediate(() => this.#close(error, undefined))
  }

  #refuseFormat(): void {
    const message = 'Unexpected WebSocket message format'
    this.#responses.refuseMessage(null, undefined, new TRPCError({ code: 'UNPROCESSABLE_CONTENT', message }))
  }

  /** Flushes before the close frame, which ws writes because of what it read, or because somebody has closed the socket. */
  #beforeClose(code: number | undefined, reason: unknown): void {
    const { overLimit } = this.#core
    if (reason === undefined && code === 1009) this.#responses.sayLast(overLimit('frameBytes'))
    else if (reason === undefined && code !== undefined && PROTOCOL_FAULTS.has(code)) {
      const message = 'Unable to read the frame; send frames as RFC 6455 has them, in few fragments'
      this.#responses.sayLast(new TRPCError({ code: 'BAD_REQUEST', message }))
    }
    this.#outgoing.flushAll()
  }

  #close(error: TRPCError, limit: ConnectionLimit | undefined): void {
    this.#outgoing.flushAll()
    const code = this.#core.closeCodeOf(error, limit)
    this.#closeCause = { error, code }
    if (code === undefined) this.client.close()
    else this.client.close(code, closeReason(error.message))
    this.#end()
  }

  /** Stops everything that still runs for this connection. Idempotent. */
  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#keepAlive?.stop()
    this.#incoming.close()
    this.#dispatcher.close()
    this.#outgoing.end()
    this.#context.close()
  }
}

const isText = (data: Buffer, text: 'PING' | 'PONG'): boolean => data.length === 4 && data.toString('latin1') === text

const boundsOf = ({ options: { highWaterBytes, maxQueuedBytes, maxStallMs } }: ConnectionCore) => ({
  highWaterBytes,
  maxQueuedBytes,
  maxStallMs,
})

/** As much of a text as a close frame can hold (RFC 6455, section 5.5: 125 bytes with the code). */
function closeReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(123))
  return text.slice(0, read)
}
