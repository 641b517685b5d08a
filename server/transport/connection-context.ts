import type { IncomingMessage } from 'node:http'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { parseConnectionParamsFromUnknown, type TRPCRequestInfo } from '@trpc/server/http'
import type { WebSocket } from 'ws'
import type { HandlerCore } from './handler-core.ts'

/** What a client says about itself in its first message. */
export type ConnectionParams = TRPCRequestInfo['connectionParams']

interface ConnectionContextOptions {
  core: Pick<HandlerCore, 'createContext' | 'format'>
  client: WebSocket
  req: IncomingMessage
  /** Called once, when the context is made. */
  onMade(): void
  /** Called once, when it can't be made. */
  onFailed(error: TRPCError): void
}

/**
 *   expected → making        the first message has come; `expected` is where the URL says `connectionParams=1`
 *   making → made            calls are carried out
 *   making → failed          every call gets the error, and the connection ends
 */
type Mode = 'expected' | 'making' | 'made' | 'failed'

const NEXT_MODES: Record<Mode, readonly Mode[]> = {
  expected: ['making'],
  making: ['made', 'failed'],
  made: [],
  failed: [],
}

/** The context of one connection's calls: it is made at once, or from the first message where that has to say who connects. */
export class ConnectionContext {
  readonly #options: ConnectionContextOptions
  #mode: Mode = 'expected'
  #ctx: unknown
  #error: TRPCError | undefined
  /** Made for a context that asks for its signal. Few do, and it weighs more than everything else here. */
  #closing: AbortController | undefined
  #isClosed = false

  constructor(options: ConnectionContextOptions) {
    this.#options = options
  }

  /** Whether the next message has to say who connects. */
  get isExpected(): boolean {
    return this.#mode === 'expected'
  }

  get isMade(): boolean {
    return this.#mode === 'made'
  }

  /** Undefined until it is made. */
  get value(): unknown {
    return this.#ctx
  }

  /** Resolves in a later microtask, once it is made. @throws TRPCError that says why it could not be made */
  async get(): Promise<unknown> {
    if (this.#error) throw this.#error
    return this.#ctx
  }

  /** Makes it without a word from the client. */
  make(): void {
    void this.#make(() => null)
  }

  /** Makes it from the first message. */
  makeFrom(content: Buffer, isBinary: boolean): void {
    void this.#make(() => this.#readParams(isBinary ? content : content.toString()))
  }

  /** Aborts the signal of the context: the connection is gone. */
  close(): void {
    this.#isClosed = true
    this.#closing?.abort()
  }

  /** Never rejects. */
  async #make(readParams: () => ConnectionParams): Promise<void> {
    this.#enter('making')
    const { core, client, req, onMade, onFailed } = this.#options
    try {
      this.#ctx = await core.createContext({ req, res: client, info: this.#describe(readParams()) })
    } catch (cause) {
      this.#error = getTRPCErrorFromUnknown(cause)
      this.#enter('failed')
      return onFailed(this.#error)
    }
    this.#enter('made')
    onMade()
  }

  #readParams(content: string | Uint8Array): ConnectionParams {
    let message: unknown
    try {
      message = this.#options.core.format.decode(content)
      if (typeof message !== 'object' || message === null) throw new Error('Message was not an object')
    } catch (cause) {
      throw new TRPCError({ code: 'PARSE_ERROR', message: 'Malformed TRPCConnectionParamsMessage', cause })
    }
    return parseConnectionParamsFromUnknown('data' in message ? message.data : undefined)
  }

  #describe(connectionParams: ConnectionParams): TRPCRequestInfo {
    const closing = () => {
      this.#closing ??= new AbortController()
      if (this.#isClosed) this.#closing.abort()
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

  #enter(mode: Mode): void {
    if (!NEXT_MODES[this.#mode].includes(mode)) throw new Error(`A context can't go from ${this.#mode} to ${mode}`)
    this.#mode = mode
  }
}

/** Whether the URL says that the first message will tell who connects. The Host header, which the peer chooses, plays no part. */
export const expectsParams = ({ url = '' }: IncomingMessage): boolean =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('connectionParams') === '1'
