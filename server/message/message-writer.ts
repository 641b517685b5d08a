import type { Message } from '../../shared/message.ts'
import type { MessageEvent } from '../../shared/room-event.ts'
import type { RoomBus } from '../bus/room-bus.ts'
import type { Database } from '../db/database.ts'
import { ChatError } from '../errors/chat-error.ts'
import { databaseErrorCode } from '../errors/database-error.ts'
import { Histogram } from '../lib/histogram.ts'
import { type RoomKey, roomKey } from '../lib/keys.ts'
import { MAX_BATCH, RETRY_AFTER_MS, SendLane, type WaitingSend } from './send-lane.ts'
import { refusalOf, rootChanges, type SendOutcome, sentMessage } from './send-outcome.ts'
import { type Send, sendStatement } from './send-statement.ts'

/*
 * Messages are written by two lanes; a room always maps to the same one. While a lane's statement runs, its next batch gathers, over
 * all its rooms.
 *
 * A room whose lock somebody else holds for longer than a batch should wait is contended: it gets a lane of its own, which waits
 * patiently. As soon as one batch was written there, the sends that still wait for the room go back to the common lane.
 */

const LANES = 2
const MAX_ATTEMPTS = 4

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
  readonly #bus: RoomBus
  readonly #lanes: SendLane[]
  /** The lanes of contended rooms, by room. */
  readonly #contended = new Map<string, SendLane>()

  constructor(database: Database, bus: RoomBus) {
    this.#database = database
    this.#bus = bus
    this.#lanes = Array.from({ length: LANES }, () => new SendLane((batch) => this.#write(batch, { isPatient: false })))
  }

  /** Sends that wait, by lane; `contended` are those of rooms in a lane of their own. */
  get queued(): { lanes: number[]; contended: number } {
    const contended = [...this.#contended.values()].reduce((sum, lane) => sum + lane.queued, 0)
    return { lanes: this.#lanes.map((lane) => lane.queued), contended }
  }

  /**
   * Writes one message and publishes its event, which holds the very message that is the answer. Undefined where the same send was
   * written before. @throws ChatError
   */
  write(send: Send): Promise<Message | undefined> {
    return this.#laneOf(send).add(send)
  }

  #laneOf(send: Send): SendLane {
    // The end of a room's id is random, or may well be: any spread will do, as long as a room keeps its lane.
    const lane = this.#contended.get(roomKey(send)) ?? this.#lanes[Number.parseInt(send.roomId.slice(-4), 16) % LANES]
    if (!lane) throw new Error('No lane for a room')
    return lane
  }

  /** Whether the batch was written; if not, each of its sends waits in a lane of its own or was rejected. */
  async #write(batch: WaitingSend[], { isPatient }: { isPatient: boolean }): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcomes = await this.#execute(batch, isPatient)
        await this.#tell(batch, outcomes)
        return true
      } catch (error) {
        const code = databaseErrorCode(error) ?? ''
        if (attempt < MAX_ATTEMPTS && DO_AGAIN.has(code)) {
          this.counts.repeats++
          continue
        }
        if (code === LOCK_NOT_AVAILABLE && !isPatient) this.#contend(batch)
        else for (const { reject } of batch) reject(DO_AGAIN.has(code) ? stillInTheWay(error) : error)
        return false
      }
    }
  }

  async #execute(batch: WaitingSend[], isPatient: boolean): Promise<SendOutcome[]> {
    const { statement, values } = sendStatement(batch.map(({ send }) => send))
    const startedAt = performance.now()
    const outcomes = await this.#database.prepared<SendOutcome>(statement, values, { isPatient })
    this.counts.seconds.add((performance.now() - startedAt) / 1_000)
    this.counts.sizes.add(batch.length)
    return outcomes
  }

  /** Publishes what was written, in the order of the seqs of each room, and answers every send. */
  async #tell(batch: WaitingSend[], outcomes: SendOutcome[]): Promise<void> {
    for (const [index, waiting] of batch.entries()) {
      const outcome = outcomes[index]
      if (!outcome) throw new Error('A send was left out of its batch')
      if (outcome.outcome === 'SENT') waiting.resolve(this.#publishSent(waiting.send, outcome))
      else if (outcome.outcome === 'REPEATED') waiting.resolve(undefined)
      else waiting.reject(refusalOf(outcome))
    }
    for (const { room, epochSeed, event } of await rootChanges(outcomes)) this.#publish(room, epochSeed, event)
  }

  #publishSent(send: Send, outcome: SendOutcome): Message {
    const message = sentMessage(send, outcome)
    const { seq } = message
    this.counts.messages++
    this.#publish(send, outcome.epoch_seed, { type: 'message.created', seq, prev: seq - 1, message })
    return message
  }

  #publish(room: RoomKey, epochSeed: string, event: MessageEvent): void {
    this.#bus.publishChange(room, this.#database.epochOf(epochSeed), event)
  }

  /** Which room it was that could not be locked is not known: each goes on by itself, and the lane with the others. */
  #contend(batch: WaitingSend[]): void {
    this.counts.lockWaits++
    for (const waiting of batch) {
      const key = roomKey(waiting.send)
      const lane = this.#contended.get(key) ?? this.#openContended(key)
      lane.put(waiting)
    }
  }

  #openContended(key: string): SendLane {
    const rejoin = () => {
      this.#contended.delete(key)
      for (const waiting of lane.close()) this.#laneOf(waiting.send).put(waiting)
    }
    const lane = new SendLane(async (batch) => {
      if (await this.#write(batch, { isPatient: true })) rejoin()
    }, rejoin)
    this.#contended.set(key, lane)
    return lane
  }
}

/** Others wrote the same at the same time, again and again: nothing is wrong with the sends, which may pass later. */
const stillInTheWay = (cause: unknown): ChatError =>
  new ChatError('UNAVAILABLE', {
    message: 'Unable to write yet; others write there at the same time, try again shortly',
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  })
