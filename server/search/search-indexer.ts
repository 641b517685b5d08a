import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { type RoomKey, roomKey } from '../lib/keys.ts'
import { pauseFor } from '../lib/pause.ts'
import { indexBatch, roomsBehind } from './index-batch.ts'

/*
 * Keeps the search index behind the messages, a moment late. It follows each room's log, so edits and deletes reach it like new
 * messages, and it remembers in the database how far it is.
 *
 *   idle      nothing is noticed
 *   waiting   rooms are noticed, and what else is said in them gathers
 *   indexing  takes the rooms that were noticed until then, a few at a time, and rests in between
 *
 * Messages come first: a batch is small, so that hardly a send is behind one, and after it comes a rest of four times as long. So it
 * takes a fifth of one connection's time at most; what is written faster than that is found later.
 *
 * What this server changes it notices itself. A round over all rooms, a stretch at a time, finds what nobody noticed: what another
 * server left when it died, and everything there was before there was an index.
 */

/** Of the time that a batch took. */
const REST = 4
/** Changes that a batch takes in, unless one room has more. */
const BATCH_CHANGES = 40
/** Messages of a batch, where there is much to catch up on: long ones too are indexed well within a statement's time. */
const BATCH_MESSAGES = 200
/** After a batch that failed. */
const BACK_OFF_MS = 2_000
/** Noticed rooms; what is beyond is found by the round. */
const MAX_NOTICED = 20_000
/** Rooms that a round looks at every time. */
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
  /** Of a round under way, those whose turn has not come. */
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

  /** This room's log goes on. Returns at once. */
  notice({ tenantId, roomId }: RoomKey): void {
    if (this.#signal.aborted) return
    const key = roomKey({ tenantId, roomId })
    const noticed = this.#noticed.get(key)
    if (noticed) noticed.changes++
    else if (this.#noticed.size < MAX_NOTICED) this.#noticed.set(key, { tenantId, roomId, changes: 1 })
    this.#work ??= this.#run()
  }

  /** One stretch of the round. */
  async reconcile(): Promise<void> {
    const { behind, end } = await roomsBehind(this.#database.db, this.#sweptTo, STRETCH)
    this.#sweptTo = end ?? START
    for (const room of behind) this.notice(room)
  }

  /** Rooms that wait to be indexed. */
  get waiting(): number {
    return this.#noticed.size + this.#taken.length
  }

  /** Resolves when nothing is noticed any more. */
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

  /** False where it failed. */
  async #index(batch: Noticed[]): Promise<boolean> {
    try {
      const left = await indexBatch(this.#database, batch, Math.ceil(BATCH_MESSAGES / batch.length))
      // By themselves, as they have much.
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

/** Takes the first ones out. */
function takeBatch(rooms: Noticed[]): Noticed[] {
  let [count, changes] = [0, 0]
  for (const room of rooms) {
    if (changes >= BATCH_CHANGES) break
    changes += room.changes
    count++
  }
  return rooms.splice(0, count)
}
