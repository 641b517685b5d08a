import { sql } from 'kysely'
import { readAccess } from '../access/access.ts'
import { userChannel } from '../bus/bus.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { readRoot } from './thread-messages.ts'

interface Thread {
  roomId: string
  threadId: string
}

/** Checks that the caller is a member and sees the thread. @throws ChatError NOT_FOUND, NOT_A_MEMBER, INVALID_INPUT */
async function assertThread({ database }: Services, session: Session, { roomId, threadId }: Thread): Promise<void> {
  const { member } = await readAccess(database.db, session, roomId)
  if (!member) throw new ChatError('NOT_A_MEMBER')
  await readRoot(database.db, session, roomId, threadId)
}

/** Makes the caller's own inbox streams, on every device, count again. */
const tellDevices = ({ bus }: Services, { tenantId, userId }: Session) =>
  bus.publish(userChannel(tenantId, userId), { type: 'threads.changed' })

/** Follows a thread from here on: earlier replies count as read. A follower's marker stays where it is. */
export async function followThread(services: Services, session: Session, thread: Thread): Promise<void> {
  await assertThread(services, session, thread)
  // The member row is locked: a member who is removed meanwhile follows nothing.
  await sql`
    insert into thread_follows (tenant_id, room_id, thread_id, user_id, read_ordinal)
    select viewer.tenant_id, viewer.room_id, root.id, viewer.user_id, coalesce(root.thread_last_ordinal, 0)
    from members as viewer
    join messages as root on root.tenant_id = viewer.tenant_id and root.room_id = viewer.room_id
    where viewer.tenant_id = ${session.tenantId} and viewer.room_id = ${thread.roomId}::uuid
      and viewer.user_id = ${session.userId} and viewer.left_at is null and root.id = ${thread.threadId}::uuid
    for share of viewer
    on conflict (tenant_id, room_id, thread_id, user_id) do nothing`.execute(services.database.db)
  tellDevices(services, session)
}

/** Stops following, until the caller follows again, replies or is mentioned. */
export async function unfollowThread(services: Services, session: Session, thread: Thread): Promise<void> {
  await assertThread(services, session, thread)
  await services.database.db
    .deleteFrom('thread_follows')
    .where('tenant_id', '=', session.tenantId)
    .where('room_id', '=', thread.roomId)
    .where('thread_id', '=', thread.threadId)
    .where('user_id', '=', session.userId)
    .execute()
  tellDevices(services, session)
}

/**
 * Moves the caller's marker in a followed thread forward to the reply at `seq`, or to the thread's head; never back. A thread that is
 * not followed has no marker.
 */
export async function readThreadTo(
  services: Services,
  session: Session,
  { seq, ...thread }: Thread & { seq?: number | undefined },
): Promise<void> {
  await assertThread(services, session, thread)
  const upTo = seq === undefined ? sql`` : sql`and messages.seq <= ${seq}`
  const { numAffectedRows } = await sql`
    update thread_follows set read_ordinal = latest.ordinal
    from (
      select ordinal from messages
      where tenant_id = ${session.tenantId} and room_id = ${thread.roomId}::uuid and thread_id = ${thread.threadId}::uuid ${upTo}
      order by ordinal desc limit 1
    ) as latest
    where thread_follows.tenant_id = ${session.tenantId} and thread_follows.room_id = ${thread.roomId}::uuid
      and thread_follows.thread_id = ${thread.threadId}::uuid and thread_follows.user_id = ${session.userId}
      and thread_follows.read_ordinal < latest.ordinal`.execute(services.database.db)
  if (numAffectedRows) tellDevices(services, session)
}
