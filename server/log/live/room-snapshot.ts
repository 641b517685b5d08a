import type { RoomState } from '../../../shared/room.ts'
import { readAccess } from '../../access/access.ts'
import { readSnapshot } from '../../db/transaction.ts'
import type { Services, Session } from '../../rpc/context.ts'
import { toMember } from '../member-shape.ts'
import { selectMessages, toMessages } from '../message-shape.ts'
import { toRoom } from '../room-shape.ts'

/** The room, its members and its newest messages, with the position at which all of them were read. */
export function readRoomState(
  services: Pick<Services, 'database'>,
  session: Session,
  roomId: string,
  messages: number,
): Promise<RoomState> {
  return readSnapshot(services.database.db, async (tx) => {
    const { room, fromSeq } = await readAccess(tx, session, roomId)
    const members = room.is_large
      ? []
      : await tx
          .selectFrom('members')
          .selectAll()
          .where('tenant_id', '=', session.tenantId)
          .where('room_id', '=', roomId)
          .where('left_at', 'is', null)
          .orderBy('seq')
          .execute()
    const newest = await selectMessages(tx)
      .where('messages.tenant_id', '=', session.tenantId)
      .where('messages.room_id', '=', roomId)
      .where('messages.thread_id', 'is', null)
      .where('messages.seq', '>=', fromSeq)
      .orderBy('messages.seq', 'desc')
      .limit(messages)
      .execute()
    const shaped = toRoom(room, services.database.epochOf(room.epoch_seed))
    const oldest = newest.length < messages ? undefined : newest.at(-1)
    return {
      position: shaped.position,
      room: shaped,
      members: members.map(toMember),
      messages: (await toMessages(newest)).toReversed(),
      messagesFromSeq: oldest?.seq ?? 0,
    }
  })
}
