import type { IncomingMessage } from 'node:http'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { parseConnectionParamsFromUnknown, type TRPCRequestInfo } from '@trpc/server/http'
import { type RawData, WebSocket } from 'ws'
import { Answers } from './answers.ts'
import { CallDesk } from './call-desk.ts'
import { type AdmittedBounds, type ConnectionLimit, MAX_PAUSE_MS, TOKEN_BYTES } from './connection-bounds.ts'
import type { ConnectionCore, HandlerCore } from './handler-core.ts'
import { KeepAlive } from './keep-alive.ts'
import { OutgoingQueue, type QueueOwner } from './outgoing-queue.ts'
import { TokenBucket } from './token-bucket.ts'
import { type FrameOwner, UnreadFrames } from './unread-frames.ts'
import type { EncodedMessage } from './wire-format.ts'

type ConnectionParams = TRPCRequestInfo['connectionParams']
type ContextResult = { isMade: true; ctx: unknown } | { isMade: false; error: TRPCError }

/** Why this side ended a connection, and the code that it closed it with. */
export interface Ending {
  error: TRPCError
  code: number | undefined
}

/** Codes with which ws closes by itself because of what it read (RFC 6455, section 7.4.1). */
const PROTOCOL_FAULTS = new Set([1002, 1003, 1007, 1008])

/**
 * One connection: from its frames to the calls in them, until it closes. Its context is made at once, or of the first message where
 * the URL says `connectionParams=1`. Whenever this side ends it, the peer is told why first, in an error with `id: null`: to a bare
 * close the stock client answers with hundreds of reconnects a second.
 */
export class Connection implements QueueOwner, FrameOwner {
  readonly client: WebSocket
  readonly req: IncomingMessage
  /** Set before its context is made, and with that before any call is read. */
  user: string | undefined
  /** What its user may call, over all connections; set once it is known. */
  callsOfUser: TokenBucket | undefined
  readonly #core: ConnectionCore
  readonly #queue: OutgoingQueue
  readonly #answers: Answers
  readonly #desk: CallDesk
  readonly #unread: UnreadFrames
  readonly #keepAlive: KeepAlive | undefined
  #frames: TokenBucket | undefined
  #closing: AbortController | undefined
  /** Until the frames that were received are paid for. */
  #pause: ReturnType<typeof setTimeout> | undefined
  #pausedUntil = 0
  #isHeldBack = false
  /** Undefined before the first message where that has to tell who connects, and again when the context is made. */
  #context: Promise<ContextResult> | undefined
  #hasContext = false
  #ctx: unknown
  #ending: Ending | undefined
  #isEnded = false

  constructor(core: HandlerCore, client: WebSocket, req: IncomingMessage) {
    const { frameRate, keepAlive, highWaterBytes, maxQueuedBytes, maxStallMs } = core.options
    this.#core = { ...core }
    this.client = client
    this.req = req
    this.#queue = new OutgoingQueue(client, req.socket, {
      flusher: core.flusher,
      highWaterBytes,
      maxQueuedBytes,
      maxStallMs,
      owner: this,
    })
    this.#answers = new Answers(this.#core, this.#queue, this)
    this.#desk = new CallDesk(this.#core, { queue: this.#queue, answers: this.#answers, caller: this })
    this.#unread = new UnreadFrames(this.#desk, core.budget, this, core.options.maxFrameBytes)
    if (keepAlive?.enabled) this.#keepAlive = new KeepAlive(client, keepAlive)
    if (frameRate) this.#frames = new TokenBucket(frameRate)
    this.#listen()
    if (!expectsParams(req)) this.#context = this.#makeContext(() => null)
  }

  /** The context of its calls; undefined until it is made. */
  get ctx(): unknown {
    return this.#ctx
  }

  /** Why and how this side ended it; undefined where the peer did, or nobody has yet. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  get isOpen(): boolean {
    return this.client.readyState === WebSocket.OPEN
  }

  async context(): Promise<unknown> {
    if (!this.#hasContext) {
      const result = await this.#context
      if (result && !result.isMade) throw result.error
    }
    return this.#ctx
  }

  overflow(): void {
    this.refuse(this.#core.overLimit('queuedBytes'), 'queuedBytes')
  }

  /** Each PING is answered, and in order with all else: the stock client counts on both when it moves to another connection. */
  pong(): void {
    this.#queue.send('text', '', 'PONG')
  }

  holdBack(isFull: boolean): void {
    if (isFull === this.#isHeldBack) return
    this.#isHeldBack = isFull
    this.#pauseOrResume()
  }

  gainedRoom(): void {
    this.#keepAlive?.heard()
  }

  /** Sends a message that belongs to no call, without waiting for the end of the turn. */
  notify({ type, bytes }: EncodedMessage): void {
    this.#queue.send(type, '', bytes)
    this.#queue.flush()
  }

  /** Gives it other bounds from now on; what it has begun already goes on. */
  allow(bounds: AdmittedBounds): void {
    this.#core.options = { ...this.#core.options, ...bounds }
    if (bounds.frameRate) this.#frames = new TokenBucket(bounds.frameRate)
  }

  /** Says why, and closes. Idempotent. */
  refuse(cause: unknown, limit?: ConnectionLimit): void {
    if (this.#isEnded || !this.isOpen) return
    const error = getTRPCErrorFromUnknown(cause)
    this.#answers.sayLast(error)
    this.#close(error, limit)
  }

  #listen(): void {
    const { client } = this
    client.on('message', (data, isBinary) => this.#receive(data, isBinary))
    if (this.#keepAlive || this.#frames) {
      const count = () => this.#count(0)
      client.on('ping', count).on('pong', count)
    }
    // First of all for what a peer does wrong: without a listener an error ends the process.
    client.on('error', (cause) => this.#answers.report(cause))
    client.on('closing', (code?: number, reason?: unknown) => this.#beforeClose(code, reason))
    client.once('close', () => {
      this.#end()
      clearTimeout(this.#pause)
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
    if (this.#context || this.#hasContext) this.#unread.push({ content: data, isBinary })
    else this.#receiveParams(data, isBinary)
  }

  /** What everybody may send before it is known who they are is bounded as a call is. */
  #receiveParams(data: Buffer, isBinary: boolean): void {
    const { maxCallBytes = Infinity } = this.#core.options
    if (data.length > maxCallBytes) return this.refuse(this.#core.overLimit('frameBytes'), 'frameBytes')
    this.#context = this.#makeContext(() => this.#readParams(isBinary ? data : data.toString()))
  }

  /** Takes tokens for a frame; when there are none left, the connection is not read until there are. */
  #count(bytes: number): void {
    this.#keepAlive?.heard()
    this.#waitFor(this.#frames?.take(1 + Math.floor(bytes / TOKEN_BYTES)) ?? 0)
  }

  /** The same for calls, which the user's connections have together. */
  countCalls(calls: number): void {
    this.#waitFor(this.callsOfUser?.take(calls) ?? 0)
  }

  /** The longer of two waits counts. */
  #waitFor(owedMs: number): void {
    const waitMs = Math.min(owedMs, MAX_PAUSE_MS)
    const pausedUntil = performance.now() + waitMs
    if (waitMs === 0 || pausedUntil < this.#pausedUntil) return
    this.#pausedUntil = pausedUntil
    clearTimeout(this.#pause)
    const resume = () => {
      this.#pause = undefined
      this.#pauseOrResume()
    }
    this.#pause = setTimeout(resume, waitMs)
    this.#pauseOrResume()
  }

  #pauseOrResume(): void {
    const isPaused = this.#isHeldBack || this.#pause !== undefined
    if (isPaused === this.client.isPaused) return
    if (isPaused) this.client.pause()
    else this.client.resume()
  }

  #ping(): void {
    if (this.#core.options.dangerouslyDisablePong) return
    // Before the context is made nothing else is answered either.
    if (this.#hasContext && !this.#unread.isEmpty) this.#unread.push('PING')
    else this.pong()
  }

  #readParams(content: string | Uint8Array): ConnectionParams {
    let message: unknown
    try {
      message = this.#core.format.decode(content)
      if (typeof message !== 'object' || message === null) throw new Error('Message was not an object')
    } catch (cause) {
      throw new TRPCError({ code: 'PARSE_ERROR', message: 'Malformed TRPCConnectionParamsMessage', cause })
    }
    return parseConnectionParamsFromUnknown('data' in message ? message.data : undefined)
  }

  /** Never rejects: a connection whose context can't be made is told so and closed, after the answers to what it has asked already. */
  async #makeContext(readParams: () => ConnectionParams): Promise<ContextResult> {
    try {
      const info = this.#describe(readParams())
      this.#ctx = await this.#core.createContext({ req: this.req, res: this.client, info })
      this.#hasContext = true
      this.#context = undefined
      this.#unread.release()
      return { isMade: true, ctx: this.#ctx }
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      this.#answers.report(error)
      this.#answers.sayLast(error)
      this.#unread.release()
      setImmediate(() => this.#close(error, undefined))
      return { isMade: false, error }
    }
  }

  #refuseFormat(): void {
    const message = 'Unexpected WebSocket message format'
    this.#answers.refuseMessage(null, undefined, new TRPCError({ code: 'UNPROCESSABLE_CONTENT', message }))
  }

  /** ws is about to close because of what it read, or somebody has closed the socket: what was sent before goes first. */
  #beforeClose(code: number | undefined, reason: unknown): void {
    const { overLimit } = this.#core
    if (reason === undefined && code === 1009) this.#answers.sayLast(overLimit('frameBytes'))
    else if (reason === undefined && code !== undefined && PROTOCOL_FAULTS.has(code)) {
      this.#answers.sayLast(
        new TRPCError({ code: 'BAD_REQUEST', message: 'Unable to read the frame; it is malformed' }),
      )
    }
    this.#queue.flushAll()
  }

  #close(error: TRPCError, limit: ConnectionLimit | undefined): void {
    this.#queue.flushAll()
    const code = this.#core.closeCodeOf(error, limit)
    this.#ending = { error, code }
    if (code === undefined) this.client.close()
    else this.client.close(code, closeReason(error.message))
    this.#end()
  }

  /** Whatever still runs for this connection is told, and nothing waits for it any longer. */
  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#keepAlive?.stop()
    this.#unread.clear()
    this.#desk.close()
    this.#queue.end()
    this.#closing?.abort()
  }

  /** What a context is told. The signal is made for one that wants it: few do, and it weighs more than all else here. */
  #describe(connectionParams: ConnectionParams): TRPCRequestInfo {
    const closing = () => {
      this.#closing ??= new AbortController()
      if (this.#isEnded) this.#closing.abort()
      return this.#closing.signal
    }
    return {
      connectionParams,
      calls: [],
      isBatchCall: false,
      accept: null,
      type: 'unknown',
      url: null,
      get signal() {
        return closing()
      },
    }
  }
}

const isText = (data: Buffer, text: 'PING' | 'PONG'): boolean => data.length === 4 && data.toString('latin1') === text

/** The Host header, which the peer chooses, plays no part in this. */
const expectsParams = ({ url = '' }: IncomingMessage): boolean =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('connectionParams') === '1'

/** As much of a text as a close frame can hold (RFC 6455, section 5.5: 125 bytes with the code). */
function closeReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(123))
  return text.slice(0, read)
}
