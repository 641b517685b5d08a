import type { Message } from '../../shared/message.ts'
import { MEMBER_ROLES, mayRole } from '../../shared/permissions.ts'
import type { MessageEvent } from '../../shared/room-event.ts'
import { type Bus, roomChannel } from '../bus/bus.ts'
import type { Database } from '../db/database.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { databaseErrorCode } from '../errors/database-error.ts'
import { Histogram } from '../lib/histogram.ts'
import {
  SEND_ADDRESSED_AUDITED_BATCH,
  SEND_ADDRESSED_BATCH,
  SEND_AUDITED_BATCH,
  SEND_BATCH,
  SEND_LONE,
  type SendOutcome,
} from './send-batch.ts'
import { rootEvent } from './thread-root.ts'

/*
 * Messages are written by a few lanes, each with one statement in flight; a room always maps to the same lane. While a lane's
 * statement runs, its next batch gathers, over all its rooms. Nothing waits on a timer: a lone message pays no delay, and under load
 * a commit is shared by as many messages as came meanwhile.
 *
 *   idle      nothing is queued
 *   writing   a batch is on its way; what comes is queued for the next one
 *
 * A room whose lock is held by somebody else for longer than a batch should wait gets a lane of its own until it is through: as soon as
 * one batch was written there, what else waits for that room goes back to the common lane.
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
  /** JSON text. */
  forwardedFrom: string | null
  /** Absent from what is simply said to the room. */
  address?: Address
  /** The service that sends in the sender's name, for the audit log. Absent from what the sender sends. */
  actorId?: string
}

/** To whom a message is said in particular: the followers of a thread, who is mentioned by name, everybody in the room. */
export interface Address {
  threadId: string | null
  /** Each once. Who is not in the room is left out. */
  mentions: string[]
  mentionsRoom: boolean
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

/** What was written since the start. */
export interface WriterCounts {
  messages: number
  /** Statements that had to be done again: another writer was there first. */
  repeats: number
  /** Batches whose room was locked by somebody else for too long. */
  lockWaits: number
  sizes: Histogram
  seconds: Histogram
}

export class MessageWriter {
  readonly counts: WriterCounts = {
    messages: 0,
    repeats: 0,
    lockWaits: 0,
    sizes: new Histogram([1, 2, 4, 8, 16, 32, 64, 128, MAX_BATCH]),
    seconds: new Histogram([0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]),
  }
  readonly #database: Database
  readonly #bus: Bus
  readonly #lanes: Lane[]
  /** Rooms that wait for a lock, each in a lane of its own. */
  readonly #apart = new Map<string, Lane>()

  constructor(database: Database, bus: Bus) {
    this.#database = database
    this.#bus = bus
    this.#lanes = Array.from({ length: LANES }, () => new Lane((batch) => this.#write(batch, false)))
  }

  /** Sends that wait, by lane; the last are those of rooms in a lane of their own. */
  get queued(): { lanes: number[]; apart: number } {
    const apart = [...this.#apart.values()].reduce((sum, lane) => sum + lane.queued, 0)
    return { lanes: this.#lanes.map((lane) => lane.queued), apart }
  }

  /** Writes one message and tells the room's feeds of it. Undefined where the same send was written before. @throws ChatError */
  async write(send: Send): Promise<Message | undefined> {
    const outcome = await this.#laneOf(send).add(send)
    if (outcome.outcome === 'SENT') return sentMessage(send, outcome)
    if (outcome.outcome === 'REPEATED') return undefined
    throw refusal(outcome)
  }

  #laneOf({ tenantId, roomId }: Send): Lane {
    // The end of a room's id is random, or may well be: any spread will do, as long as a room keeps its lane.
    const lane =
      this.#apart.get(roomChannel(tenantId, roomId)) ?? this.#lanes[Number.parseInt(roomId.slice(-4), 16) % LANES]
    if (!lane) throw new Error('No lane for a room')
    return lane
  }

  /** Whether it was written; if not, its sends are set apart or know why. */
  async #write(batch: Waiting[], isPatient: boolean): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const sends = batch.map(({ send }) => send)
        const { statement, values } = statementOf(sends)
        const startedAt = performance.now()
        const outcomes = await this.#database.prepared<SendOutcome>(statement, values, { isPatient })
        this.counts.seconds.add((performance.now() - startedAt) / 1_000)
        this.counts.sizes.add(batch.length)
        for (const [index, { send, resolve }] of batch.entries()) {
          const outcome = outcomes[index]
          if (!outcome) throw new Error('A send was left out of its batch')
          this.#publishSent(send, outcome)
          resolve(outcome)
        }
        // The roots' seqs follow those of all messages of their room.
        for (const [index, { send }] of batch.entries()) this.#publishRoot(send, outcomes[index])
        return true
      } catch (error) {
        const code = databaseErrorCode(error) ?? ''
        if (attempt < MAX_ATTEMPTS && DO_AGAIN.has(code)) {
          this.counts.repeats++
          continue
        }
        if (code === LOCK_NOT_AVAILABLE && !isPatient) this.#setApart(batch)
        else for (const { reject } of batch) reject(DO_AGAIN.has(code) ? stillInTheWay(error) : error)
        return false
      }
    }
  }

  /** Which room it was that could not be locked is not known: each goes on by itself, and the lane with the others. */
  #setApart(batch: Waiting[]): void {
    this.counts.lockWaits++
    for (const waiting of batch) {
      const key = roomChannel(waiting.send.tenantId, waiting.send.roomId)
      const lane = this.#apart.get(key) ?? this.#openApart(key)
      lane.put(waiting)
    }
  }

  #openApart(key: string): Lane {
    const rejoin = () => {
      if (this.#apart.get(key) === lane) this.#apart.delete(key)
      for (const waiting of lane.clear()) this.#laneOf(waiting.send).put(waiting)
    }
    const lane = new Lane(async (batch) => {
      if (await this.#write(batch, true)) rejoin()
    }, rejoin)
    this.#apart.set(key, lane)
    return lane
  }

  #publishSent(send: Send, outcome: SendOutcome): void {
    if (outcome.outcome !== 'SENT' || outcome.seq === null) return
    this.counts.messages++
    const { seq } = outcome
    this.#publish(send, outcome, {
      type: 'message.created',
      seq,
      prev: seq - 1,
      message: sentMessage(send, outcome),
    })
  }

  #publishRoot(send: Send, outcome: SendOutcome | undefined): void {
    const event = outcome && rootEvent(outcome)
    if (event) this.#publish(send, outcome, event)
  }

  #publish(send: Send, outcome: SendOutcome, event: MessageEvent): void {
    const epoch = this.#database.epochOf(outcome.epoch_seed)
    this.#bus.publish(roomChannel(send.tenantId, send.roomId), { type: 'room.changed', epoch, event })
  }
}

class Lane {
  readonly #write: (batch: Waiting[]) => Promise<unknown>
  readonly #onIdle: (() => void) | undefined
  #queue: Waiting[] = []
  #isWriting = false

  constructor(write: (batch: Waiting[]) => Promise<unknown>, onIdle?: () => void) {
    this.#write = write
    this.#onIdle = onIdle
  }

  get queued(): number {
    return this.#queue.length
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

  /** Gives back what waits. */
  clear(): Waiting[] {
    const queue = this.#queue
    this.#queue = []
    return queue
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

/** Others wrote the same at the same time, again and again: nothing is wrong with the sends, which may pass later. */
const stillInTheWay = (cause: unknown): ChatError =>
  new ChatError('UNAVAILABLE', {
    message: 'Unable to write yet; others write there at the same time, try again shortly',
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  })

const PLAIN = { name: 'send-batch', text: SEND_BATCH }
const LONE = { name: 'send-lone', text: SEND_LONE }
const ADDRESSED = { name: 'send-addressed-batch', text: SEND_ADDRESSED_BATCH }
const AUDITED = { name: 'send-audited-batch', text: SEND_AUDITED_BATCH }
const ADDRESSED_AUDITED = { name: 'send-addressed-audited-batch', text: SEND_ADDRESSED_AUDITED_BATCH }

/** The roles that may mention everybody. */
const MAY_MENTION_ROOM = MEMBER_ROLES.filter((role) => mayRole(role, 'message.mentionRoom'))

function statementOf(sends: Send[]) {
  const [first] = sends
  const isAudited = sends.some((send) => send.actorId !== undefined)
  if (first && sends.length === 1 && first.address === undefined && !isAudited) {
    return { statement: LONE, values: [first.tenantId, ...COLUMNS.map((column) => first[column])] }
  }
  const actors = isAudited ? [sends.map((send) => send.actorId ?? null)] : []
  if (sends.every((send) => send.address === undefined)) {
    return { statement: isAudited ? AUDITED : PLAIN, values: [...parametersOf(sends), ...actors] }
  }
  const addresses = [
    sends.map((send) => send.address?.threadId ?? null),
    sends.map((send) => JSON.stringify(send.address?.mentions ?? [])),
    sends.map((send) => send.address?.mentionsRoom ?? false),
    MAY_MENTION_ROOM,
  ]
  const values = [...parametersOf(sends), ...addresses, ...actors]
  return { statement: isAudited ? ADDRESSED_AUDITED : ADDRESSED, values }
}

/** In the order of the statements' parameters, after the tenant. */
const COLUMNS = [
  'roomId',
  'senderId',
  'clientId',
  'clientHash',
  'id',
  'content',
  'replyToId',
  'meta',
  'isOnBehalf',
  'isService',
  'forwardedFrom',
] as const satisfies (keyof Send)[]

/** Column by column, as `unnest` takes them. */
const parametersOf = (sends: Send[]): unknown[] => [
  sends[0]?.tenantId,
  ...COLUMNS.map((column) => sends.map((send) => send[column])),
]

function sentMessage(
  send: Send,
  { seq, ordinal, at, user_name: name, user_picture_url: pictureUrl, mentions }: SendOutcome,
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
    forwardedFrom: send.forwardedFrom === null ? null : JSON.parse(send.forwardedFrom),
    threadId: send.address?.threadId ?? null,
    thread: null,
    mentions: mentions ?? [],
    mentionsRoom: send.address?.mentionsRoom ?? false,
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
    case 'THREAD_OF_NOTHING':
      return invalidInput('threadId', 'no such message in this room')
    case 'THREAD_OF_REPLY':
      return invalidInput('threadId', 'a reply; name the root of its thread')
    case 'FORBIDDEN':
      return new ChatError('FORBIDDEN', { message: 'Unable to mention everybody; your role does not allow it' })
    case 'SENT':
    case 'REPEATED':
      throw new Error(`Not a refusal: ${outcome}`)
    default:
      return new ChatError(outcome)
  }
}
