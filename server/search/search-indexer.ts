import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../db/connect.ts'
import { indexBatch, type RoomKey, roomsBehind } from './index-batch.ts'

/*
 * Keeps the search index behind the messages, a moment late. It follows each room's log, so edits and deletes reach it like new
 * messages, and it remembers in the database how far it is.
 *
 *   idle      nothing is noticed
 *   indexing  takes noticed rooms a batch at a time; between batches it gathers what else changes, and rests
 *
 * It rests four times as long as it works: a search may be a little late when there is much to write, and messages are not.
 *
 * What this server changes it notices itself. A round over all rooms, a stretch at a time, finds what nobody noticed: what another
 * server left when it died, what failed, and everything there was before there was an index.
 */

/** What a moment gathers shares a statement. */
const GATHER_MS = 150
/** Of the time that a batch took. */
const REST = 4
const BATCH_ROOMS = 100
/** Of all its rooms in one statement, which takes less than a second. */
const BATCH_MESSAGES = 5_000
/** Noticed rooms; what is beyond is found by the round. */
const MAX_NOTICED = 20_000
/** Rooms that a round looks at every time. */
const STRETCH = 5_000

const START: RoomKey = { tenantId: '', roomId: '00000000-0000-0000-0000-000000000000' }

export class SearchIndexer {
  readonly #database: Database
  readonly #log: Logger
  readonly #signal: AbortSignal
  readonly #noticed = new Map<string, RoomKey>()
  #sweptTo = START
  #work: Promise<void> | undefined

  constructor(database: Database, log: Logger, signal: AbortSignal) {
    this.#database = database
    this.#log = log
    this.#signal = signal
  }

  /** This room's log goes on. Returns at once. */
  notice(room: RoomKey): void {
    const key = `${room.tenantId}/${room.roomId}`
    if (this.#signal.aborted || (this.#noticed.size >= MAX_NOTICED && !this.#noticed.has(key))) return
    this.#noticed.set(key, room)
    this.#work ??= this.#run()
  }

  /** One stretch of the round. */
  async reconcile(): Promise<void> {
    const { behind, end } = await roomsBehind(this.#database.db, this.#sweptTo, STRETCH)
    this.#sweptTo = end ?? START
    for (const room of behind) this.notice(room)
  }

  /** Resolves when everything that was noticed is indexed. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #run(): Promise<void> {
    let restMs = GATHER_MS
    while (this.#noticed.size > 0 && !this.#signal.aborted) {
      await sleep(restMs, undefined, { signal: this.#signal, ref: false }).catch(() => undefined)
      if (this.#signal.aborted) break
      const begunAt = performance.now()
      await this.#indexNext()
      restMs = Math.max(GATHER_MS, REST * (performance.now() - begunAt))
    }
    this.#work = undefined
  }

  async #indexNext(): Promise<void> {
    const rooms = [...this.#noticed.values()].slice(0, BATCH_ROOMS)
    for (const room of rooms) this.#noticed.delete(`${room.tenantId}/${room.roomId}`)
    const perRoom = Math.floor(BATCH_MESSAGES / rooms.length)
    try {
      for (const room of await indexBatch(this.#database.db, rooms, perRoom)) this.notice(room)
    } catch (error) {
      this.#log.warn({ err: error }, 'unable to index messages; the next round tries again')
    }
  }
}
