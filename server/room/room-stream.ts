import type { TrackedEnvelope } from '@trpc/server'
import { LIMITS } from '../../shared/limits.ts'
import { formatPosition, parsePosition } from '../../shared/position.ts'
import type { LogEvent, ResetReason, RoomEvent } from '../../shared/room-event.ts'
import { readSnapshot } from '../db/transaction.ts'
import { patiently } from '../feed/patient-read.ts'
import type { RoomFeed } from '../feed/room-feed.ts'
import { Wakeup } from '../feed/wakeup.ts'
import { type Access, endsMembership, readAccess } from '../member/access.ts'
import { readLog, visibleFrom } from '../room-log/room-log.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { trackedEvent } from '../rpc/tracked-event.ts'

/*
 * Following a room without a hole: (1) acquire the feed, so that nothing committed from here on is missed; (2) check the right
 * and read where the room stands; (3) replay from the ring where the position lies inside it, else from the database page by page
 * until it does; (4) go on from the ring. A subscriber is a place in the room's log and nothing more: the ring is everybody's
 * buffer, and who falls behind it reads the database again.
 */

const PAGE_ROWS = 100

interface Stream {
  services: Services
  session: Session
  roomId: string
  signal: AbortSignal
}

/**
 * The events of a room from `lastEventId` on (without it: from now on), each tracked by its position. The first is `ready`. Ends
 * when the signal aborts and after `room.deleted`. @throws ChatError NOT_FOUND, or NOT_A_MEMBER when the membership ends
 */
export async function* roomStream(
  stream: Stream,
  lastEventId: string | undefined,
): AsyncGenerator<TrackedEnvelope<RoomEvent>, void> {
  const { services, session, roomId } = stream
  const { feed, release } = await services.feeds.acquire(session.tenantId, roomId)
  try {
    yield* follow(stream, feed, lastEventId)
  } finally {
    release()
  }
}

async function* follow(stream: Stream, feed: RoomFeed, lastEventId: string | undefined) {
  const { services, session, roomId, signal } = stream
  let access = await readAccess(services.database.db, session, roomId)
  feed.start(epochOf(services, access), access.room.last_seq)
  const wakeup = new Wakeup()
  const unlisten = feed.listen({ onEvents: () => wakeup.wake(), onRestart: () => wakeup.wake() })
  try {
    const start = startOf(services, access, lastEventId)
    let { epoch, seq } = start
    yield event(epoch, { type: 'ready', seq, prev: seq })
    let reset = start.reset

    while (!signal.aborted) {
      if (feed.epoch !== epoch) reset ??= 'epoch'
      if (reset) {
        access = await patiently(signal, () => readAccess(services.database.db, session, roomId))
        epoch = epochOf(services, access)
        seq = access.room.last_seq
        feed.start(epoch, seq)
        yield event(epoch, { type: 'reset', reason: reset, seq })
        reset = undefined
        continue
      }
      const recent = feed.after(seq)
      const page: LogEvent[] | ResetReason = recent ?? (await patiently(signal, () => readPage(stream, epoch, seq)))
      if (typeof page === 'string') {
        reset = page
        continue
      }
      for (const change of page) {
        if (endsMembership(change, access)) throw new ChatError('NOT_A_MEMBER')
        yield event(epoch, visibleFrom(change, access.fromSeq))
        if (change.type === 'room.deleted') return
        seq = change.seq
      }
      if (recent && page.length === 0) await wakeup.wait(signal)
    }
  } finally {
    unlisten()
  }
}

const event = (epoch: string, change: RoomEvent) => trackedEvent(formatPosition(epoch, change.seq), change)

const epochOf = (services: Services, { room }: Access) => services.database.epochOf(room.epoch_seed)

/** Where the stream begins: the position asked for, also where it can't be honoured, so that a cut before the `reset` loses nothing. */
function startOf(services: Services, access: Access, lastEventId: string | undefined) {
  const here = { epoch: epochOf(services, access), seq: access.room.last_seq, reset: undefined }
  const asked = lastEventId === undefined ? undefined : parsePosition(lastEventId)
  return asked ? { ...asked, reset: refusal(asked, here, access) } : here
}

/** Why a position can't be honoured, if it can't. */
export function refusal(
  asked: { epoch: string; seq: number },
  here: { epoch: string; seq: number },
  { room, member }: Access,
): ResetReason | undefined {
  if (asked.epoch !== here.epoch || asked.seq > here.seq) return 'epoch'
  // Who left and came back may see more than before, or less: what was known before that is no basis.
  const isBeforeReturn = member !== null && member.joined_seq > member.seq && asked.seq < member.joined_seq
  if (asked.seq < room.min_seq || isBeforeReturn) return 'too-old'
  return here.seq - asked.seq > LIMITS.catchUp ? 'too-far' : undefined
}

/** The next rows of the log from the database, with the right to them checked in the same snapshot. */
function readPage(
  { services, session, roomId }: Stream,
  epoch: string,
  after: number,
): Promise<LogEvent[] | ResetReason> {
  return readSnapshot(services.database.db, async (tx) => {
    const access = await readAccess(tx, session, roomId)
    const here = { epoch: epochOf(services, access), seq: access.room.last_seq }
    const refused = refusal({ epoch, seq: after }, here, access)
    if (refused) return refused
    return (await readLog(tx, services.database, access.room, after, PAGE_ROWS)).events
  })
}
