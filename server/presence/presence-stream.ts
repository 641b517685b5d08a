import type { Presence } from '../../shared/presence.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import { patiently } from '../db/patient-read.ts'
import { ChatError } from '../errors/chat-error.ts'
import { Wakeup } from '../lib/wakeup.ts'
import { type MembershipServices, watchMembership } from '../log/live/membership-watch.ts'
import type { Services, Session } from '../rpc/context.ts'

/**
 * The last state that a stream sent for each user that it watches. An unchanged state is not sent again: the fact that something
 * happened would already reveal more than users who hide their presence want known.
 */
class SaidPresence {
  readonly #said = new Map<string, string>()

  /** The states that differ from the last ones sent. */
  news(presences: Presence[]): Presence[] {
    return presences.filter((presence) => {
      const text = JSON.stringify(presence)
      if (this.#said.get(presence.userId) === text) return false
      this.#said.set(presence.userId, text)
      return true
    })
  }

  forget(userId: string): void {
    this.#said.delete(userId)
  }
}

/** Users whose presence changed since it was last sent; bounded by the watched users, however often each changes. */
class ChangedUsers {
  readonly wakeup = new Wakeup()
  #userIds = new Set<string>()

  readonly add = (userId: string): void => {
    this.#userIds.add(userId)
    this.wakeup.wake()
  }

  take(): string[] {
    const taken = [...this.#userIds]
    this.#userIds = new Set()
    return taken
  }
}

/** The presence of these users: first all of them, then changes. */
export async function* userPresenceStream(
  { presence }: Pick<Services, 'presence'>,
  session: Session,
  userIds: string[],
  signal: AbortSignal,
): AsyncGenerator<Presence[], void> {
  const changed = new ChangedUsers()
  const said = new SaidPresence()
  const watch = presence.watch(session.tenantId, userIds, changed.add)
  try {
    yield said.news(await presence.read(session, [...new Set(userIds)]))
    while (!signal.aborted) {
      await changed.wakeup.wait(signal)
      const changes = changed.take()
      const news = said.news(await patiently(signal, () => presence.read(session, changes)))
      if (news.length > 0) yield news
    }
  } finally {
    watch.release()
  }
}

/**
 * The presence of a room's members, including those who join later. @throws ChatError LARGE_ROOM for a large room, also once it
 * becomes large: presence is then requested by user ids
 */
export async function* roomPresenceStream(
  services: MembershipServices & Pick<Services, 'presence'>,
  session: Session,
  roomId: string,
  signal: AbortSignal,
): AsyncGenerator<Presence[], void> {
  const { presence, database } = services
  const { tenantId } = session
  const changed = new ChangedUsers()
  const said = new SaidPresence()
  let isLarge = false
  const onEvents = (events: LogEvent[]) => {
    for (const event of events) {
      if ('room' in event && event.room.isLarge) {
        isLarge = true
        changed.wakeup.wake()
      }
      if (!('member' in event)) continue
      const { userId, leftAt } = event.member
      // A filled gap may not report a join as such: the member row decides.
      if (leftAt) {
        watch.remove(userId)
        said.forget(userId)
      } else if (watch.add(userId)) changed.add(userId)
    }
  }
  const watch = presence.watch(tenantId, [], changed.add)
  const membership = await watchMembership(services, session, roomId, { onEvents, onEnd: () => changed.wakeup.wake() })
  const assertFollowable = () => {
    membership.assert()
    if (isLarge || membership.access.room.is_large) throw new ChatError('LARGE_ROOM', { message: LARGE_ROOM })
  }
  try {
    assertFollowable()
    const members = await database.db
      .selectFrom('members')
      .select('user_id')
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', roomId)
      .where('left_at', 'is', null)
      .execute()
    for (const member of members) watch.add(member.user_id)
    const memberIds = members.map((member) => member.user_id)
    yield said.news(await presence.read(session, memberIds))
    while (!signal.aborted) {
      assertFollowable()
      await changed.wakeup.wait(signal)
      assertFollowable()
      const changes = changed.take()
      const news = said.news(await patiently(signal, () => presence.read(session, changes)))
      if (news.length > 0) yield news
    }
  } finally {
    membership.release()
    watch.release()
  }
}

const LARGE_ROOM = 'Unable to follow the presence of a large room; ask for the users that are shown'
