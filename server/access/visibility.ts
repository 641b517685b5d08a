import { type RawBuilder, sql } from 'kysely'
import type { MemberRow, RoomRow } from '../db/schema.ts'
import type { Session } from '../rpc/context.ts'

/*
 * Which messages of a room somebody sees: those from a first seq on, less those that they have hidden. The first seq is known to SQL, where
 * messages are read, and to TypeScript, where a stream goes by it; tests/access/visibility.test.ts asks both about the same rows.
 */

/** The first message that somebody may see: of its member, or, where there is none, of a service, what the room still has. */
export const firstVisibleSeq = (
  room: Pick<RoomRow, 'history_from_seq'>,
  member: { visible_from_seq: MemberRow['visible_from_seq'] | null } | null,
): number => Math.max(room.history_from_seq, member?.visible_from_seq ?? 0)

/** The same of the room `rooms` and its member `viewer`. */
export const firstVisibleTo = ({ role }: Pick<Session, 'role'>) =>
  role === 'service'
    ? sql<number>`rooms.history_from_seq`
    : sql<number>`greatest(rooms.history_from_seq, viewer.visible_from_seq)`

/** Whether this user, or the user of this column, has not hidden a message of the table of that name: a look-up by a whole key. */
export function notHiddenFrom(user: string | RawBuilder<unknown>, table: 'messages' | 'root' = 'messages') {
  const message = sql.table(table)
  return sql<boolean>`
  not exists (
    select from hidden_messages as hidden
    where hidden.tenant_id = ${message}.tenant_id and hidden.room_id = ${message}.room_id
      and hidden.user_id = ${user} and hidden.seq = ${message}.seq
  )`
}
