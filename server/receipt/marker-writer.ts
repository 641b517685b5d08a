import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Bus, userChannel } from '../bus/bus.ts'
import type { Database } from '../db/connect.ts'

interface Marker {
  tenantId: string
  roomId: string
  userId: string
  seq: number
  waiting: { resolve: (isMember: boolean) => void; reject: (error: unknown) => void }[]
}

const MAX_BATCH = 500

/**
 * Moves read markers, one statement at a time: while it runs, what is read meanwhile gathers, and of several moves of one marker the
 * furthest is written. Markers only move forward, and stand at most at the room's head.
 */
export class MarkerWriter {
  readonly #database: Database
  readonly #bus: Bus
  readonly #log: Logger
  /** One entry a member, however often they read: bounded by who is connected. */
  #pending = new Map<string, Marker>()
  #isWriting = false

  constructor(database: Database, bus: Bus, log: Logger) {
    this.#database = database
    this.#bus = bus
    this.#log = log
  }

  /** Resolves when the marker is written: false where the user is no member of the room. */
  move(tenantId: string, roomId: string, userId: string, seq: number): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const key = JSON.stringify([tenantId, roomId, userId])
    const marker = this.#pending.get(key) ?? { tenantId, roomId, userId, seq, waiting: [] }
    marker.seq = Math.max(marker.seq, seq)
    marker.waiting.push({ resolve, reject })
    this.#pending.set(key, marker)
    if (!this.#isWriting) {
      this.#isWriting = true
      setImmediate(() => void this.#run())
    }
    return promise
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const batch = [...this.#pending].slice(0, MAX_BATCH)
      for (const [key] of batch) this.#pending.delete(key)
      await this.#write(batch.map(([, marker]) => marker))
    }
    this.#isWriting = false
  }

  async #write(markers: Marker[]): Promise<void> {
    try {
      const found = await writeMarkers(this.#database, markers)
      for (const [index, { tenantId, roomId, userId, waiting }] of markers.entries()) {
        const isMoved = found.get(index)
        for (const { resolve } of waiting) resolve(isMoved !== undefined)
        if (isMoved) this.#bus.publish(userChannel(tenantId, userId), { type: 'marker.moved', roomId })
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'unable to write markers')
      for (const { waiting } of markers) for (const { reject } of waiting) reject(error)
    }
  }
}

/**
 * Writes markers in the order of the locks: members by room and user. A marker takes the greatest ordinal at or below its seq. Answers
 * which of them are members' at all, by their place in the list, and whether each moved.
 */
async function writeMarkers({ db }: Database, markers: Marker[]): Promise<Map<number, boolean>> {
  const { rows } = await sql<{ n: number; is_moved: boolean }>`
    with asked as materialized (
      select * from unnest(
        ${markers.map((marker) => marker.tenantId)}::text[], ${markers.map((marker) => marker.roomId)}::uuid[],
        ${markers.map((marker) => marker.userId)}::text[], ${markers.map((marker) => marker.seq)}::bigint[]
      ) with ordinality as asked(tenant_id, room_id, user_id, seq, n)
    ),
    locked as materialized (
      select asked.n, asked.tenant_id, asked.room_id, asked.user_id, least(asked.seq, found.last_seq) as seq, found.read_seq
      from (select * from asked order by tenant_id, room_id, user_id) as asked
      cross join lateral (
        select members.read_seq, rooms.last_seq
        from members join rooms on rooms.tenant_id = members.tenant_id and rooms.id = members.room_id
        where members.tenant_id = asked.tenant_id and members.room_id = asked.room_id and members.user_id = asked.user_id
          and members.left_at is null and rooms.deleted_at is null
        for no key update of members
      ) as found
    ),
    moved as (
      update members
      set read_seq = greatest(members.read_seq, locked.seq), read_at = clock_timestamp(),
        read_ordinal = greatest(members.read_ordinal, coalesce((
          select ordinal from messages
          where messages.tenant_id = locked.tenant_id and messages.room_id = locked.room_id
            and messages.seq <= locked.seq and messages.ordinal is not null and messages.thread_id is null
          order by messages.seq desc limit 1
        ), 0))
      from locked
      where members.tenant_id = locked.tenant_id and members.room_id = locked.room_id and members.user_id = locked.user_id
        and locked.seq > locked.read_seq
    )
    select n, seq > read_seq as is_moved from locked`.execute(db)
  return new Map(rows.map((row) => [row.n - 1, row.is_moved]))
}
