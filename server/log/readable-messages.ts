import type { Message } from '../../shared/message.ts'
import { readAccess } from '../access/access.ts'
import { notHiddenFrom } from '../access/visibility.ts'
import type { Db, Tx } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session } from '../rpc/context.ts'
import { selectMessages, toOneMessage } from './message-shape.ts'

/** The direction in which a list continues from its cursor. */
export type Direction = 'older' | 'newer'

/** Messages of a room that the caller may see and has not hidden. The same statement checks access. */
export function selectReadable(db: Db | Tx, session: Session, roomId: string) {
  const isInView = notHiddenFrom(session.userId)
  if (session.role === 'service') return selectInRoom(db, session, roomId).where(isInView)
  return selectVisible(db, session, roomId).where(isInView)
}

/** Messages of a room that this member may see, including hidden ones: those are out of view but still accessible. */
export const selectVisible = (db: Db | Tx, session: Session, roomId: string) =>
  selectInRoom(db, session, roomId)
    .innerJoin('members as viewer', (join) =>
      join
        .onRef('viewer.tenant_id', '=', 'messages.tenant_id')
        .onRef('viewer.room_id', '=', 'messages.room_id')
        .on('viewer.user_id', '=', session.userId)
        .on('viewer.left_at', 'is', null),
    )
    .whereRef('messages.seq', '>=', 'viewer.visible_from_seq')

const selectInRoom = (db: Db | Tx, { tenantId }: Session, roomId: string) =>
  selectMessages(db)
    .innerJoin('rooms', (join) =>
      join.onRef('rooms.tenant_id', '=', 'messages.tenant_id').onRef('rooms.id', '=', 'messages.room_id'),
    )
    .where('messages.tenant_id', '=', tenantId)
    .where('messages.room_id', '=', roomId)
    .where('rooms.deleted_at', 'is', null)
    .whereRef('messages.seq', '>=', 'rooms.history_from_seq')

/** @throws ChatError NOT_FOUND, or NOT_A_MEMBER in a public channel */
export async function readMessage(db: Db | Tx, session: Session, roomId: string, messageId: string): Promise<Message> {
  const row = await selectReadable(db, session, roomId).where('messages.id', '=', messageId).executeTakeFirst()
  if (row) return toOneMessage(row)
  await readAccess(db, session, roomId)
  throw new ChatError('NOT_FOUND')
}
