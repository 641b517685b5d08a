import type { Presence } from '../../shared/presence.ts'
import type { LogEvent } from '../../shared/room-event.ts'
import { patiently } from '../feed/patient-read.ts'
import { Wakeup } from '../feed/wakeup.ts'
import { watchMembership } from '../member/membership-watch.ts'
import { ChatError } from '../rpc/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'

/** Users whose presence changed since the stream last said it: at most those that it watches, however often each changes. */
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

/** The presence of these users, all of them first, then those that changed. */
export async function* userPresenceStream(
  { presence }: Services,
  { tenantId }: Session,
  userIds: string[],
  signal: AbortSignal,
): AsyncGenerator<Presence[], void> {
  const changed = new ChangedUsers()
  const watch = presence.watch(tenantId, userIds, changed.add)
  try {
    yield await presence.read(tenantId, [...new Set(userIds)])
    while (!signal.aborted) {
      await changed.wakeup.wait(signal)
      const changes = changed.take()
      if (changes.length > 0) yield await patiently(signal, () => presence.read(tenantId, changes))
    }
  } finally {
    watch.release()
  }
}

/** The presence of a room's members, who join and leave meanwhile. A large room is asked for by user ids instead. */
export async function* roomPresenceStream(
  services: Services,
  session: Session,
  roomId: string,
  signal: AbortSignal,
): AsyncGenerator<Presence[], void> {
  const { presence, database } = services
  const { tenantId } = session
  const changed = new ChangedUsers()
  const onEvents = (events: LogEvent[]) => {
    for (const event of events) {
      if (!('member' in event)) continue
      const { userId, leftAt } = event.member
      // In a filled gap a join need not be called one: the row counts.
      if (leftAt) watch.remove(userId)
      else if (watch.add(userId)) changed.add(userId)
    }
  }
  const watch = presence.watch(tenantId, [], changed.add)
  const membership = await watchMembership(services, session, roomId, { onEvents, onEnd: () => changed.wakeup.wake() })
  try {
    if (membership.access.room.is_large) throw new ChatError('FORBIDDEN', { message: LARGE_ROOM })
    const members = await database.db
      .selectFrom('members')
      .select('user_id')
      .where('tenant_id', '=', tenantId)
      .where('room_id', '=', roomId)
      .where('left_at', 'is', null)
      .execute()
    for (const member of members) watch.add(member.user_id)
    yield await presence.read(
      tenantId,
      members.map((member) => member.user_id),
    )
    while (!signal.aborted) {
      membership.assert()
      await changed.wakeup.wait(signal)
      membership.assert()
      const changes = changed.take()
      if (changes.length > 0) yield await patiently(signal, () => presence.read(tenantId, changes))
    }
  } finally {
    membership.release()
    watch.release()
  }
}

const LARGE_ROOM = 'Unable to follow the presence of a large room; ask for the users that are shown'
