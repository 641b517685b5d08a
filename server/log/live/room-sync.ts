import { LIMITS } from '../../../shared/limits.ts'
import { formatPosition, parsePosition } from '../../../shared/position.ts'
import type { LogEvent, RoomChanges, RoomSync } from '../../../shared/room-event.ts'
import type { Access } from '../../access/access.ts'
import { readAccesses } from '../../access/access-reader.ts'
import type { Database } from '../../db/database.ts'
import { readSnapshot } from '../../db/transaction.ts'
import { ChatError } from '../../errors/chat-error.ts'
import { userKey } from '../../lib/keys.ts'
import type { Services, Session } from '../../rpc/context.ts'
import { positionRefusal } from '../position-refusal.ts'
import { type LogPage, readLogs, visibleFrom } from '../room-log.ts'
import { sizeOf } from './room-feed.ts'

/** Bounds on one call, over all its rooms. The next call continues. A single event is always far smaller than the byte bound. */
const MAX_EVENTS = 500
const MAX_BYTES = 4 << 20

/** A room that is ahead of the caller's position. */
interface Behind {
  access: Access
  epoch: string
  after: number
}

/**
 * Catches up in many rooms at once: returns each room's events since the caller's position, with the bound shared among the rooms
 * that are behind. Access, heads and logs come from one snapshot, read by five statements for any number of rooms. @throws
 * ChatError RATE_LIMITED
 */
export function syncRooms(
  { database, catchUps }: Pick<Services, 'catchUps' | 'database'>,
  session: Session,
  positions: Record<string, string>,
  signal: AbortSignal,
): Promise<Record<string, RoomSync>> {
  const read = () =>
    readSnapshot(database.db, async (tx) => {
      const asked = Object.entries(positions)
      const accesses = await readAccesses(
        tx,
        asked.map(([roomId]) => ({ caller: session, roomId })),
      )
      const standings = asked.map(([roomId, position], index) => {
        return { roomId, standing: standingOf(database, accesses[index], position) }
      })
      const behind = standings.flatMap(({ standing }) => ('access' in standing ? [standing] : []))
      const limit = Math.min(LIMITS.page, Math.floor(MAX_EVENTS / behind.length))
      const starts = behind.map(({ access: { room }, after }) => ({ room, after }))
      const pages = withinBytes(await readLogs(tx, database, starts, limit)).values()
      return Object.fromEntries(
        standings.map(({ roomId, standing }) => {
          return [roomId, 'access' in standing ? toChanges(standing, pages.next().value) : standing]
        }),
      )
    })
  return catchUps.run(userKey(session), signal, read)
}

function standingOf(database: Database, access: Access | Error | undefined, position: string): Behind | RoomSync {
  if (!access || access instanceof ChatError)
    return { refused: access?.reason === 'NOT_A_MEMBER' ? access.reason : 'NOT_FOUND' }
  if (access instanceof Error) throw access
  const here = { epoch: database.epochOf(access.room.epoch_seed), seq: access.room.last_seq }
  const asked = parsePosition(position)
  const reason = asked ? positionRefusal(asked, here, access) : 'epoch'
  if (!asked || reason) return { reset: reason ?? 'epoch' }
  if (asked.seq === here.seq) return { events: [], position, more: false }
  return { access, epoch: here.epoch, after: asked.seq }
}

/** The leading part of the pages, in order, that fits the byte bound of a call. */
function withinBytes(pages: LogPage[]): LogPage[] {
  let left = MAX_BYTES
  const fits = (event: LogEvent) => (left -= sizeOf(event)) >= 0
  return pages.map(({ events, more }) => {
    const end = events.findIndex((event) => !fits(event))
    return end === -1 ? { events, more } : { events: events.slice(0, end), more: true }
  })
}

function toChanges({ access: { fromSeq }, epoch, after }: Behind, page: LogPage | undefined): RoomChanges {
  const { events, more } = page ?? { events: [], more: true }
  const position = formatPosition(epoch, events.at(-1)?.seq ?? after)
  return { events: events.map((event) => visibleFrom(event, fromSeq)), position, more }
}
