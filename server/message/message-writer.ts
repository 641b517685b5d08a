import { hash } from 'node:crypto'
import type { Message } from '../../shared/message.ts'
import { type Bus, roomChannel } from '../bus/bus.ts'
import type { Database } from '../db/connect.ts'
import { databaseErrorCode } from '../db/transaction.ts'
import { ChatError, invalidInput } from '../rpc/chat-error.ts'
import { SEND_BATCH, type SendOutcome } from './send-batch.ts'

/*
 * Messages are written by a few lanes, each with one statement in flight; a room always maps to the same lane. While a lane's
 * statement runs, its next batch gathers, over all its rooms. Nothing waits on a timer: a lone message pays no delay, and under load
 * a commit is shared by as many messages as came meanwhile.
 *
 *   idle      nothing is queued
 *   writing   a batch is on its way; what comes is queued for the next one
 *
 * A room whose lock is held by somebody else for longer than a batch should wait gets a lane of its own until it is through.
 */

/** One message to write. What the tenant's other sends in the batch are makes no difference to its answer. */
export interface Send {
  tenantId: string
  roomId: string
  senderId: string
  clientId: string
  clientHash: Buffer
  id: string
  content: string
  replyToId: string | null
  meta: string
  isOnBehalf: boolean
  isService: boolean
}

interface Waiting {
  send: Send
  resolve(outcome: SendOutcome): void
  reject(error: unknown): void
}

const LANES = 2
const MAX_BATCH = 256
/** Sends that wait in one lane; more are refused, to be tried again shortly. */
const MAX_QUEUE = 10_000
const MAX_ATTEMPTS = 4
const RETRY_AFTER_MS = 250

/** Another writer was there first, or Postgres ended one of two: the same batch may pass. (unique_violation, serialization, deadlock) */
const DO_AGAIN = new Set(['23505', '40001', '40P01'])
const LOCK_NOT_AVAILABLE = '55P03'

export class MessageWriter {
  readonly #database: Database
  readonly #bus: Bus
  readonly #lanes: Lane[]
  /** Rooms that wait for a lock, each in a lane of its own, until that has nothing more to do. */
  readonly #apart = new Map<string, Lane>()

  constructor(database: Database, bus: Bus) {
    this.#database = database
    this.#bus = bus
    this.#lanes = Array.from({ length: LANES }, () => new Lane((batch) => this.#write(batch, false)))
  }

  /** Writes one message and tells the room's feeds of it. Undefined where the same send was written before. @throws ChatError */
  async write(send: Send): Promise<Message | undefined> {
    const outcome = await this.#laneOf(send).add(send)
    if (outcome.outcome === 'SENT') return sentMessage(send, outcome)
    if (outcome.outcome === 'REPEATED') return undefined
    throw refusal(outcome)
  }

  #laneOf({ tenantId, roomId }: Send): Lane {
    const key = roomChannel(tenantId, roomId)
    const lane = this.#apart.get(key) ?? this.#lanes[Number.parseInt(hash('md5', key, 'hex').slice(0, 6), 16) % LANES]
    if (!lane) throw new Error('No lane for a room')
    return lane
  }

  async #write(batch: Waiting[], isPatient: boolean): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const sends = batch.map(({ send }) => send)
        const outcomes = await this.#database.prepared<SendOutcome>(STATEMENT, parametersOf(sends), { isPatient })
        for (const [index, { send, resolve }] of batch.entries()) {
          const outcome = outcomes[index]
          if (!outcome) throw new Error('A send was left out of its batch')
          this.#publish(send, outcome)
          resolve(outcome)
        }
        return
      } catch (error) {
        const code = databaseErrorCode(error) ?? ''
        if (attempt < MAX_ATTEMPTS && DO_AGAIN.has(code)) continue
        if (code === LOCK_NOT_AVAILABLE && !isPatient) return this.#setApart(batch)
        for (const { reject } of batch) reject(error)
        return
      }
    }
  }

  /** Which room it was that could not be locked is not known: each goes on by itself, and the lane with the others. */
  #setApart(batch: Waiting[]): void {
    for (const waiting of batch) {
      const key = roomChannel(waiting.send.tenantId, waiting.send.roomId)
      const lane =
        this.#apart.get(key) ??
        new Lane(
          (each) => this.#write(each, true),
          () => this.#apart.delete(key),
        )
      this.#apart.set(key, lane)
      lane.put(waiting)
    }
  }

  #publish(send: Send, outcome: SendOutcome): void {
    if (outcome.outcome !== 'SENT' || outcome.seq === null) return
    const { seq } = outcome
    const event = { type: 'message.created' as const, seq, prev: seq - 1, message: sentMessage(send, outcome) }
    const epoch = this.#database.epochOf(outcome.epoch_seed)
    this.#bus.publish(roomChannel(send.tenantId, send.roomId), { type: 'room.changed', epoch, event })
  }
}

class Lane {
  readonly #write: (batch: Waiting[]) => Promise<void>
  readonly #onIdle: (() => void) | undefined
  #queue: Waiting[] = []
  #isWriting = false

  constructor(write: (batch: Waiting[]) => Promise<void>, onIdle?: () => void) {
    this.#write = write
    this.#onIdle = onIdle
  }

  add(send: Send): Promise<SendOutcome> {
    if (this.#queue.length >= MAX_QUEUE) throw new ChatError('RATE_LIMITED', { retryAfterMs: RETRY_AFTER_MS })
    const { promise, resolve, reject } = Promise.withResolvers<SendOutcome>()
    this.put({ send, resolve, reject })
    return promise
  }

  put(waiting: Waiting): void {
    this.#queue.push(waiting)
    if (this.#isWriting) return
    this.#isWriting = true
    // What else arrives in this turn of the event loop comes along.
    setImmediate(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#write(this.#take())
    this.#isWriting = false
    this.#onIdle?.()
  }

  /** The next sends of one tenant, in order. A repetition of one of them waits for the next batch, where it is known as such. */
  #take(): Waiting[] {
    const tenantId = this.#queue[0]?.send.tenantId
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const keys = new Set<string>()
    for (const waiting of this.#queue) {
      const { send } = waiting
      const key = `${send.clientId}/${send.roomId}/${send.senderId}`
      const isTaken = taken.length < MAX_BATCH && send.tenantId === tenantId && !keys.has(key)
      if (isTaken) keys.add(key)
      ;(isTaken ? taken : left).push(waiting)
    }
    this.#queue = left
    return taken
  }
}

const STATEMENT = { name: 'send-batch', text: SEND_BATCH }

/** Column by column, as `unnest` takes them. */
const parametersOf = (sends: Send[]): unknown[] => [
  sends[0]?.tenantId,
  sends.map((send) => send.roomId),
  sends.map((send) => send.senderId),
  sends.map((send) => send.clientId),
  sends.map((send) => send.clientHash),
  sends.map((send) => send.id),
  sends.map((send) => send.content),
  sends.map((send) => send.replyToId),
  sends.map((send) => send.meta),
  sends.map((send) => send.isOnBehalf),
  sends.map((send) => send.isService),
]

function sentMessage(
  send: Send,
  { seq, ordinal, at, user_name: name, user_picture_url: pictureUrl }: SendOutcome,
): Message {
  if (seq === null || ordinal === null) throw new Error('A message without a place in its room')
  return {
    id: send.id,
    roomId: send.roomId,
    seq,
    changedSeq: seq,
    ordinal,
    senderId: send.senderId,
    sender: { id: send.senderId, name, pictureUrl },
    clientId: send.clientId,
    isOnBehalf: send.isOnBehalf,
    kind: 'text',
    content: send.content,
    replyToId: send.replyToId,
    threadId: null,
    thread: null,
    mentions: [],
    reactions: [],
    attachments: [],
    pinnedAt: null,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
    meta: JSON.parse(send.meta),
  }
}

function refusal({ outcome, muted_ms: mutedMs, slow_ms: slowMs }: SendOutcome): ChatError {
  switch (outcome) {
    case 'MUTED':
      return new ChatError('MUTED', { retryAfterMs: Math.max(1, Math.ceil(mutedMs ?? 0)) })
    case 'SLOW_MODE':
      return new ChatError('SLOW_MODE', { retryAfterMs: Math.max(1, Math.ceil(slowMs ?? 0)) })
    case 'REPLY_TO_NOTHING':
      return invalidInput('replyToId', 'no such message in this room')
    case 'SENT':
    case 'REPEATED':
      throw new Error(`Not a refusal: ${outcome}`)
    default:
      return new ChatError(outcome)
  }
}
