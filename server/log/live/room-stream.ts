import { type TrackedEnvelope, tracked } from '@trpc/server'
import type { RoomEvent } from '../../../shared/room-event.ts'
import { type LiveSink, type LiveStream, liveStream } from '../../transport/live-stream.ts'
import { RoomFollower, type RoomFollowing } from './room-follower.ts'

/**
 * The events of a room after `lastEventId`, or from now on without it, each tracked by its position. The first event is `ready`.
 * The stream ends when the signal aborts and after `room.deleted`. @throws ChatError NOT_FOUND, or NOT_A_MEMBER when the
 * membership ends
 */
export function roomStream(
  following: RoomFollowing,
  lastEventId: string | undefined,
): LiveStream<RoomEvent, TrackedEnvelope<RoomEvent>> {
  return liveStream(
    (sink) => attach(following, lastEventId, sink),
    () => iterate(following, lastEventId),
  )
}

/** Yields one event at a time as the reader asks for it. */
async function* iterate(following: RoomFollowing, lastEventId: string | undefined) {
  const follower = await RoomFollower.open(following, lastEventId)
  try {
    while (!following.signal.aborted && !follower.isComplete) {
      const events = await follower.behind()
      for (const event of events) {
        yield trackedEvent(event.id ?? '', event.data)
        follower.passed(event)
      }
      if (events.length === 0) await follower.changed()
    }
  } finally {
    follower.close()
  }
}

/** Sends the backlog at the connection's pace, then live events until the feed restarts. */
async function attach(
  following: RoomFollowing,
  lastEventId: string | undefined,
  sink: LiveSink<RoomEvent>,
): Promise<void> {
  const follower = await RoomFollower.open(following, lastEventId)
  try {
    while (!sink.signal.aborted && !following.signal.aborted && !follower.isComplete) {
      const events = await follower.behind()
      for (const event of events) {
        if (!sink.send(event)) await sink.drained()
        if (sink.signal.aborted) return
        follower.passed(event)
      }
      if (events.length === 0) await follower.live((event) => sink.send(event))
    }
  } finally {
    follower.close()
  }
}

/**
 * An event with the id to resume from. On the wire it equals the output of tRPC's `tracked`. In process it has the `id` and
 * `data` that the procedure's type promises, which `tracked` alone does not provide there.
 */
function trackedEvent<T>(id: string, data: T): TrackedEnvelope<T> {
  return Object.assign(tracked(id, data), { id, data })
}
