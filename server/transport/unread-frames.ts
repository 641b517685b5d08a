import type { Answers } from './answers.ts'
import type { CallDesk } from './call-desk.ts'
import type { ConnectionLimit } from './connection-bounds.ts'
import { type IncomingFrame, type RefusedBatch, type UnreadMessage, weightOfFrame } from './incoming-calls.ts'
import type { TurnBudget, Worker } from './turn-budget.ts'

/** Whose frames these are. */
export interface FrameOwner {
  readonly isOpen: boolean
  /** Whose connection it is, once that is known. */
  readonly user: string | undefined
  /** Too much waits: nothing more is to be received for now. */
  holdBack(isFull: boolean): void
  pong(): void
  /** So many calls came in one frame. */
  countCalls(calls: number): void
  refuse(cause: unknown, limit: ConnectionLimit): void
}

export type UnreadFrame = IncomingFrame | 'PING'

type Desk = Pick<CallDesk, 'open' | 'take'> & { readonly answers: Pick<Answers, 'refuseAll'> }

const NONE: readonly UnreadMessage[] = []

/**
 * What one connection has sent and nobody has read yet, in order. It has two states:
 *
 *   held      the context is not made yet: no call is read before it is known who asks
 *   working   messages are carried out as they come, as many a turn as the budget allows
 *
 * It becomes `working` once, by `release`. Above `maxBytes` the connection is held back, and the rest stays in the peer's own socket.
 */
export class UnreadFrames implements Worker {
  readonly #desk: Desk
  readonly #budget: TurnBudget
  readonly #owner: FrameOwner
  readonly #maxBytes: number
  #state: 'held' | 'working' = 'held'
  /** Bounded by `maxBytes` and what the socket was read of at once. */
  #frames: UnreadFrame[] = []
  #bytes = 0
  /** The messages of the frame that was begun, and which of them is next. */
  #messages: readonly UnreadMessage[] = NONE
  #next = 0

  constructor(desk: Desk, budget: TurnBudget, owner: FrameOwner, maxBytes = Infinity) {
    this.#desk = desk
    this.#budget = budget
    this.#owner = owner
    this.#maxBytes = maxBytes
  }

  get party(): string | undefined {
    return this.#owner.user
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0 && this.#next === this.#messages.length
  }

  push(frame: UnreadFrame): void {
    const isFirst = this.isEmpty
    this.#frames.push(frame)
    this.#bytes += sizeOf(frame)
    if (isFirst && this.#state === 'working') this.work()
    if (this.#bytes > this.#maxBytes) this.#owner.holdBack(true)
  }

  /** It is known who asks, or that nobody who may. */
  release(): void {
    this.#state = 'working'
    this.work()
  }

  work(): void {
    while (this.#owner.isOpen && !this.isEmpty) {
      if (!this.#budget.begin(this)) return
      const message = this.#messages[this.#next]
      if (message) this.#carryOut(message)
      else this.#openNext()
    }
    if (!this.#owner.isOpen) this.clear()
  }

  /** The connection is gone. */
  clear(): void {
    this.#frames = []
    this.#forgetMessages()
    this.#bytes = 0
    this.#budget.forget(this)
  }

  #carryOut(message: UnreadMessage): void {
    const index = this.#next++
    // A message refers to what the socket was read into: an idle connection keeps none.
    if (this.#next === this.#messages.length) this.#forgetMessages()
    this.#budget.spend(message.weight)
    this.#desk.take(message.read(), index)
  }

  #forgetMessages(): void {
    this.#messages = NONE
    this.#next = 0
  }

  #openNext(): void {
    const frame = this.#frames.shift()
    if (frame === undefined) return
    this.#bytes -= sizeOf(frame)
    if (this.#bytes <= this.#maxBytes) this.#owner.holdBack(false)
    if (frame === 'PING') return this.#owner.pong()
    this.#budget.spend(weightOfFrame(frame))
    const opened = this.#desk.open(frame)
    if ('messages' in opened) {
      this.#messages = opened.messages
      this.#owner.countCalls(opened.messages.length)
    } else if ('calls' in opened) this.#refuse(opened)
    else this.#owner.refuse(opened.error, 'batchSize')
  }

  #refuse({ weight, calls, error }: RefusedBatch): void {
    this.#budget.spend(weight)
    this.#owner.countCalls(calls.length)
    this.#desk.answers.refuseAll(calls, error)
  }
}

const sizeOf = (frame: UnreadFrame): number => (frame === 'PING' ? 0 : frame.content.length)
