import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { type RoomKey, roomKey } from '../lib/keys.ts'
import { pauseFor } from '../lib/pause.ts'
import { indexBatch, roomsBehind } from './index-batch.ts'

/*
 * Keeps the search index up to date, a moment behind the messages. It follows each room's log, so edits and deletions reach it
 * like new messages, and it stores its progress in the database.
 *
 *   idle      no room has been noticed
 *   waiting   rooms have been noticed, and further changes in them accumulate
 *   indexing  indexes the rooms noticed until then, a few at a time, with rests in between
 *
 * Sends have priority: a batch is small enough that hardly any send waits for one, and a rest of four times its duration follows.
 * The indexer thus takes at most a fifth of one connection's time. Messages that are written faster become searchable later.
 *
 * A server notices its own changes. A round over all rooms, one stretch at a time, finds the rest: rooms that a server left
 * behind when it died, and everything older than the index.
 */

/** Rest after a batch, as a multiple of the batch's duration. */
const REST = 4
/** Changes per batch, unless one room alone has more. */
const BATCH_CHANGES = 40
/** Messages per room and batch when catching up. Even long messages are indexed well within a statement's time limit. */
const BATCH_MESSAGES = 200
/** Pause after a failed batch. */
const BACK_OFF_MS = 2_000
/** Bound on noticed rooms; the round finds further ones. */
const MAX_NOTICED = 20_000
/** Rooms that one step of the round checks. */
const STRETCH = 5_000

const START: RoomKey = { tenantId: '', roomId: '00000000-0000-0000-0000-000000000000' }

interface Noticed extends RoomKey {
  changes: number
}

export class SearchIndexer {
  readonly #database: Database
  readonly #log: Logger
  readonly #gatherMs: number
  readonly #signal: AbortSignal
  #noticed = new Map<string, Noticed>()
  /** The rooms of the current run that are still to be indexed. */
  #taken: Noticed[] = []
  #isFailing = false
  #sweptTo = START
  #work: Promise<void> | undefined

  constructor(database: Database, log: Logger, gatherMs: number, signal: AbortSignal) {
    this.#database = database
    this.#log = log
    this.#gatherMs = gatherMs
    this.#signal = signal
  }

  /** Notes that this room's log has grown. Returns at once. */
  notice({ tenantId, roomId }: RoomKey): void {
    if (this.#signal.aborted) return
    const key = roomKey({ tenantId, roomId })
    const noticed = this.#noticed.get(key)
    if (noticed) noticed.changes++
    else if (this.#noticed.size < MAX_NOTICED) this.#noticed.set(key, { tenantId, roomId, changes: 1 })
    this.#work ??= this.#run()
  }

  /** Checks one stretch of the round. */
  async reconcile(): Promise<void> {
    const { behind, end } = await roomsBehind(this.#database.db, this.#sweptTo, STRETCH)
    this.#sweptTo = end ?? START
    for (const room of behind) this.notice(room)
  }

  /** Number of rooms waiting to be indexed. */
  get waiting(): number {
    return this.#noticed.size + this.#taken.length
  }

  /** Resolves when no noticed room is left. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #run(): Promise<void> {
    while (this.#noticed.size > 0) {
      await this.#pause(this.#gatherMs)
      this.#taken = [...this.#noticed.values()]
      this.#noticed = new Map()
      while (this.#taken.length > 0 && !this.#signal.aborted) {
        const begunAt = performance.now()
        const isDone = await this.#index(takeBatch(this.#taken))
        await this.#pause(isDone ? REST * (performance.now() - begunAt) : BACK_OFF_MS)
      }
    }
    this.#work = undefined
  }

  /** False if it failed. */
  async #index(batch: Noticed[]): Promise<boolean> {
    try {
      const left = await indexBatch(this.#database, batch, Math.ceil(BATCH_MESSAGES / batch.length))
      // Each of these rooms gets a batch of its own, because it has many messages.
      for (const { tenantId, roomId } of left) this.#taken.push({ tenantId, roomId, changes: BATCH_CHANGES })
      this.#isFailing = false
      return true
    } catch (error) {
      if (!this.#isFailing) this.#log.warn({ err: error }, 'unable to index messages; trying again')
      this.#isFailing = true
      for (const room of batch) this.notice(room)
      return false
    }
  }

  #pause(ms: number): Promise<void> {
    return pauseFor(ms, this.#signal)
  }
}

/** Removes the first rooms, up to the size of a batch. */
function takeBatch(rooms: Noticed[]): Noticed[] {
  let [count, changes] = [0, 0]
  for (const room of rooms) {
    if (changes >= BATCH_CHANGES) break
    changes += room.changes
    count++
  }
  return rooms.splice(0, count)
}
