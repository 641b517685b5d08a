import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '../db/connect.ts'
import { indexBatch, type RoomKey, roomsBehind } from './index-batch.ts'

/*
 * Keeps the search index behind the messages, a moment late. It follows each room's log, so edits and deletes reach it like new
 * messages, and it remembers in the database how far it is.
 *
 *   idle      nothing is noticed
 *   waiting   rooms are noticed, and what else is said in them gathers
 *   indexing  takes the rooms that were noticed until then, a few at a time, and rests in between
 *
 * Messages come first: a batch is over in a few milliseconds, so that hardly a send is behind one, and after it comes a rest of four times
 * as long. What gathers makes up for it, because several messages of a room cost less than as many rooms.
 *
 * What this server changes it notices itself. A round over all rooms, a stretch at a time, finds what nobody noticed: what another
 * server left when it died, what failed, and everything there was before there was an index.
 */

/** Of the time that a batch took. */
const REST = 4
/** Changes that a batch takes in, unless one room has more. */
const BATCH_CHANGES = 40
/** Of a batch in all, where there is much to catch up on; the rest comes in further ones. */
const BATCH_MESSAGES = 2_000
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
    const key = `${tenantId}/${roomId}`
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

  /** Resolves when everything that was noticed is indexed. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #run(): Promise<void> {
    while (this.#noticed.size > 0) {
      await this.#pause(this.#gatherMs)
      const rooms = [...this.#noticed.values()]
      this.#noticed = new Map()
      for (const batch of batches(rooms)) {
        const begunAt = performance.now()
        if (!this.#signal.aborted) await this.#index(batch)
        await this.#pause(REST * (performance.now() - begunAt))
      }
    }
    this.#work = undefined
  }

  async #index(rooms: RoomKey[]): Promise<void> {
    try {
      const each = Math.floor(BATCH_MESSAGES / rooms.length)
      for (const room of await indexBatch(this.#database, rooms, each)) this.notice(room)
    } catch (error) {
      this.#log.warn({ err: error }, 'unable to index messages; the next round tries again')
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal, ref: false }).catch(() => undefined)
  }
}

function* batches(rooms: Noticed[]): Generator<RoomKey[]> {
  let batch: RoomKey[] = []
  let changes = 0
  for (const room of rooms) {
    batch.push(room)
    changes += room.changes
    if (changes < BATCH_CHANGES) continue
    yield batch
    batch = []
    changes = 0
  }
  if (batch.length > 0) yield batch
}
