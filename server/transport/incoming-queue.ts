import type { CallDispatcher } from './call-dispatcher.ts'
import type { ConnectionLimit } from './connection-bounds.ts'
import { type IncomingFrame, type ReadRules, readFrame, type UnparsedMessage, weightOfFrame } from './frame-reader.ts'
import type { ReadThrottle } from './read-throttle.ts'
import type { ResponseWriter } from './response-writer.ts'
import type { TurnBudget, TurnTask } from './turn-budget.ts'

/** What the queue needs of its connection. */
export interface FrameSource {
  readonly isOpen: boolean
  /** The user of the connection, once it is known. */
  readonly user: string | undefined
  pong(): void
  /** Ends the connection, with an error first. */
  refuse(cause: unknown, limit: ConnectionLimit): void
}

interface IncomingQueueOptions {
  source: FrameSource
  rules: ReadRules
  budget: TurnBudget
  throttle: Pick<ReadThrottle, 'countCalls' | 'holdBack'>
  dispatcher: Pick<CallDispatcher, 'dispatch'>
  responses: Pick<ResponseWriter, 'refuseAll'>
  /** Bytes above which the connection is not read. */
  maxBytes?: number | undefined
}

/**
 *   held → dispatching         the context of the connection is made, or could not be made
 *   held, dispatching → closed
 */
type Mode = 'held' | 'dispatching' | 'closed'

const NEXT_MODES: Record<Mode, readonly Mode[]> = {
  held: ['dispatching', 'closed'],
  dispatching: ['closed'],
  closed: [],
}

const NONE: readonly UnparsedMessage[] = []

/**
 * The frames of one connection that were received and not dispatched yet, in order. While it is `held`, no call is parsed: the
 * caller is unknown. While it is `dispatching`, calls are dispatched as they come, as many a turn as the budget allows. Above
 * `maxBytes` the connection is held back, and the rest stays in the peer's own socket.
 */
export class IncomingQueue implements TurnTask {
  readonly #options: IncomingQueueOptions
  readonly #maxBytes: number
  #mode: Mode = 'held'
  /** Bounded by `maxBytes` and what one read of the socket brings. */
  #frames: (IncomingFrame | 'PING')[] = []
  #bytes = 0
  /** The messages of the frame that was split, and the index of the next one. */
  #messages: readonly UnparsedMessage[] = NONE
  #next = 0

  constructor(options: IncomingQueueOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? Infinity
  }

  /** The connections of one user take their turns as one. */
  get group(): string | undefined {
    return this.#options.source.user
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0 && this.#next === this.#messages.length
  }

  push(frame: IncomingFrame | 'PING'): void {
    if (this.#mode === 'closed') return
    const isFirst = this.isEmpty
    this.#frames.push(frame)
    this.#bytes += sizeOf(frame)
    if (isFirst && this.#mode === 'dispatching') this.run()
    if (this.#bytes > this.#maxBytes) this.#options.throttle.holdBack(true)
  }

  /** Begins to dispatch: the context is made, or every call will get the error that refused it. */
  release(): void {
    if (this.#mode === 'closed') return
    this.#enter('dispatching')
    this.run()
  }

  run(): void {
    const { source, budget } = this.#options
    while (source.isOpen && !this.isEmpty) {
      if (!budget.begin(this)) return
      const message = this.#messages[this.#next]
      if (message) this.#dispatch(message)
      else this.#splitNext()
    }
    if (!source.isOpen) this.close()
  }

  /** Forgets everything: the connection is gone. Idempotent. */
  close(): void {
    if (this.#mode === 'closed') return
    this.#enter('closed')
    this.#frames = []
    this.#forgetMessages()
    this.#bytes = 0
    this.#options.budget.forget(this)
  }

  #dispatch(message: UnparsedMessage): void {
    const { budget, dispatcher } = this.#options
    const index = this.#next++
    // A message refers to the buffer that the socket was read into: an idle connection keeps none.
    if (this.#next === this.#messages.length) this.#forgetMessages()
    budget.spend(message.weight)
    dispatcher.dispatch(message.parse(), index)
  }

  #forgetMessages(): void {
    this.#messages = NONE
    this.#next = 0
  }

  #splitNext(): void {
    const { source, rules, budget, throttle, responses } = this.#options
    const frame = this.#frames.shift()
    if (frame === undefined) return
    this.#bytes -= sizeOf(frame)
    if (this.#bytes <= this.#maxBytes) throttle.holdBack(false)
    if (frame === 'PING') return source.pong()
    budget.spend(weightOfFrame(frame))
    const read = readFrame(frame, rules)
    if ('messages' in read) {
      this.#messages = read.messages
      throttle.countCalls(read.messages.length)
    } else if ('calls' in read) {
      budget.spend(read.weight)
      throttle.countCalls(read.calls.length)
      responses.refuseAll(read.calls, read.error)
    } else source.refuse(read.error, 'batchSize')
  }

  #enter(mode: Mode): void {
    if (!NEXT_MODES[this.#mode].includes(mode))
      throw new Error(`Incoming frames can't go from ${this.#mode} to ${mode}`)
    this.#mode = mode
  }
}

const sizeOf = (frame: IncomingFrame | 'PING'): number => (frame === 'PING' ? 0 : frame.content.length)
