import type { LogEvent } from '../../../shared/room-event.ts'
import { type Access, endsMembership } from '../../access/access.ts'
import { patiently } from '../../db/patient-read.ts'
import { ChatError } from '../../errors/chat-error.ts'
import type { Services, Session } from '../../rpc/context.ts'
import type { FeedEvent } from './feed-event.ts'

/** The services that watching a membership needs. */
export type MembershipServices = Pick<Services, 'access' | 'database' | 'feeds'>

/** The caller's membership of a room, watched on behalf of a stream that does not read the log itself. */
export interface MembershipWatch {
  readonly access: Access
  /** @throws ChatError NOT_A_MEMBER once the membership has ended, NOT_FOUND once the room is deleted */
  assert(): void
  release(): void
}

export interface MembershipListener {
  /** The caller has lost access to the room: `assert` throws from now on. */
  onEnd(): void
  /** Events of the room while the caller has access. */
  onEvents?(events: LogEvent[]): void
}

/** Checks the caller's access to a room and watches it from then on. Access is checked again when the feed restarts. */
export async function watchMembership(
  services: MembershipServices,
  session: Session,
  roomId: string,
  listener: MembershipListener,
): Promise<MembershipWatch> {
  const { feed, release } = await services.feeds.acquire(session.tenantId, roomId)
  let ended: ChatError | undefined
  const end = (error: ChatError) => {
    ended ??= error
    listener.onEnd()
  }
  const stopping = new AbortController()
  let access: Access | undefined
  const inspect = (feedEvents: FeedEvent[]) => {
    const events = feedEvents.map((event) => event.log)
    if (events.some((event) => access && endsMembership(event, access))) end(new ChatError('NOT_A_MEMBER'))
    else if (events.some((event) => event.type === 'room.deleted')) end(new ChatError('NOT_FOUND'))
    else listener.onEvents?.(events)
  }
  const recheck = () => {
    patiently(stopping.signal, () => services.access.read(session, roomId)).then(
      (now) => {
        if (access?.member && access.member.joined_seq !== now.member?.joined_seq) end(new ChatError('NOT_A_MEMBER'))
      },
      (error: unknown) => end(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', { cause: error })),
    )
  }
  const unlisten = feed.listen({ onEvents: inspect, onRestart: recheck })
  const stop = () => {
    stopping.abort()
    unlisten()
    release()
  }
  try {
    access = await services.access.read(session, roomId)
    feed.start(services.database.epochOf(access.room.epoch_seed), access.room.last_seq)
    // Events that the feed received during the access read are in its ring, or precede the read.
    inspect(feed.after(access.room.last_seq) ?? [])
    return {
      access,
      assert: () => {
        if (ended) throw ended
      },
      release: stop,
    }
  } catch (error) {
    stop()
    throw error
  }
}
