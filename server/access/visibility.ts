import { type RawBuilder, sql } from 'kysely'
import type { MemberRow, RoomRow } from '../db/schema.ts'
import type { Session } from '../rpc/context.ts'

/*
 * The messages of a room that a viewer sees: those from a first seq on, except those that the viewer has hidden. SQL applies the
 * first seq when it reads messages, TypeScript when it filters a stream; tests/access/visibility.test.ts compares both on the
 * same rows.
 */

/**
 * The first message that a viewer may see: given by the member row, or, for a service without one, by what the room still holds.
 */
export const firstVisibleSeq = (
  room: Pick<RoomRow, 'history_from_seq'>,
  member: { visible_from_seq: MemberRow['visible_from_seq'] | null } | null,
): number => Math.max(room.history_from_seq, member?.visible_from_seq ?? 0)

/** The same for the room `rooms` and its member `viewer`. */
export const firstVisibleTo = ({ role }: Pick<Session, 'role'>) =>
  role === 'service'
    ? sql<number>`rooms.history_from_seq`
    : sql<number>`greatest(rooms.history_from_seq, viewer.visible_from_seq)`

/** Whether this user, or the user of this column, has not hidden a message of the named table. Looks up a complete key. */
export function notHiddenFrom(user: string | RawBuilder<unknown>, table: 'messages' | 'root' = 'messages') {
  const message = sql.table(table)
  return sql<boolean>`
  not exists (
    select from hidden_messages as hidden
    where hidden.tenant_id = ${message}.tenant_id and hidden.room_id = ${message}.room_id
      and hidden.user_id = ${user} and hidden.seq = ${message}.seq
  )`
}
