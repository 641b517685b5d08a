import type { Message } from '../../shared/message.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Send } from './send-statement.ts'

/** A send that waits to be written, and how it is answered: with undefined where it was written before. */
export interface WaitingSend {
  send: Send
  resolve(message: Message | undefined): void
  reject(error: unknown): void
}

/** Sends of one statement. */
export const MAX_BATCH = 256
/** Sends that wait in one lane; more are refused, to be tried again shortly. */
const MAX_QUEUE = 10_000
export const RETRY_AFTER_MS = 250

type Mode = 'idle' | 'gathering' | 'writing' | 'closed'

const NEXT: Readonly<Record<Mode, readonly Mode[]>> = {
  idle: ['gathering', 'closed'],
  gathering: ['writing'],
  writing: ['idle', 'closed'],
  closed: [],
}

/**
 * A queue of sends that are written batch by batch, one batch at a time. Nothing waits on a timer: a lone send pays no delay, and under
 * load a commit is shared by all the sends that came while the batch before it was written.
 *
 *   idle       nothing is queued
 *   gathering  sends are queued; what else arrives in this turn of the event loop comes along
 *   writing    a batch is on its way; sends are queued for the next one
 *   closed     the lane was taken down; nothing is queued any more
 */
export class SendLane {
  readonly #write: (batch: WaitingSend[]) => Promise<unknown>
  readonly #onIdle: (() => void) | undefined
  #queue: WaitingSend[] = []
  #mode: Mode = 'idle'

  constructor(write: (batch: WaitingSend[]) => Promise<unknown>, onIdle?: () => void) {
    this.#write = write
    this.#onIdle = onIdle
  }

  get queued(): number {
    return this.#queue.length
  }

  /** Queues a send and resolves with its answer. @throws ChatError RATE_LIMITED where too many wait */
  async add(send: Send): Promise<Message | undefined> {
    if (this.#queue.length >= MAX_QUEUE) throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    const { promise, resolve, reject } = Promise.withResolvers<Message | undefined>()
    this.put({ send, resolve, reject })
    return promise
  }

  /** Queues a send that is counted already: it has waited in another lane. */
  put(waiting: WaitingSend): void {
    if (this.#mode === 'closed') throw new Error('Unable to queue a send; its lane is closed')
    this.#queue.push(waiting)
    if (this.#mode !== 'idle') return
    this.#enter('gathering')
    setImmediate(() => void this.#run())
  }

  /** Takes the lane down and gives back the sends that wait. */
  close(): WaitingSend[] {
    this.#enter('closed')
    const queue = this.#queue
    this.#queue = []
    return queue
  }

  async #run(): Promise<void> {
    this.#enter('writing')
    while (this.#queue.length > 0) await this.#write(this.#take())
    if (this.#isClosed) return
    this.#enter('idle')
    this.#onIdle?.()
  }

  get #isClosed(): boolean {
    return this.#mode === 'closed'
  }

  #enter(mode: Mode): void {
    if (!NEXT[this.#mode].includes(mode)) throw new Error(`A lane can't go from ${this.#mode} to ${mode}`)
    this.#mode = mode
  }

  /** The next sends of one tenant, in order. A repetition of one of them waits for the next batch, which knows it as such. */
  #take(): WaitingSend[] {
    const tenantId = this.#queue[0]?.send.tenantId
    const taken: WaitingSend[] = []
    const left: WaitingSend[] = []
    const keys = new Set<string>()
    let looked = 0
    for (const waiting of this.#queue) {
      if (taken.length === MAX_BATCH) break
      looked++
      const { send } = waiting
      const key = `${send.clientId}/${send.roomId}/${send.senderId}`
      const isTaken = send.tenantId === tenantId && !keys.has(key)
      if (isTaken) keys.add(key)
      ;(isTaken ? taken : left).push(waiting)
    }
    this.#queue = left.concat(this.#queue.slice(looked))
    return taken
  }
}
